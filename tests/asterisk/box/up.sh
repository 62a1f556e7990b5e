#!/bin/bash
# up.sh DIR  - build (once) and start a real Asterisk 22 + OpenSSH server from Debian sid in a chroot
#              under DIR, everything bound to loopback.  Idempotent.  Needs: root, debootstrap, zstd.
# env (all optional):
#   SSH_ADDR=127.0.0.1 SSH_PORT=5059 SSH_PASSWORD=oracle-pass
#   SIP_PORT=15060  TRUNK_IP=127.0.0.2 TRUNK_PORT=15260   RTP_FROM=20000 RTP_TO=20999
#   EVENT_URL=http://127.0.0.1:8018   ID_TOKEN=375291111121   TRUNK=0001367
#   SMART_REDIRECT=1        (0: incoming goes straight to default-route)
#   PHONES="150 152 trunk"  (which sipp phones to start; "" = only the dialplan simulators)
#   PHONE_PORT_BASE=15000   (phone 152 listens on 127.0.0.1:15152)   SSHD_EXTRA='lines put first in sshd_config'
#   MAXSESSIONS=10 MAXSTARTUPS=10:30:100     (OpenSSH defaults)
#   ROOT_TAR=DIR/root.tar.zst   (cached root; made on the first build, unpacked on later ones)
#   MIRROR=http://deb.debian.org/debian
set -euo pipefail
DIR=${1:?usage: up.sh DIR}; mkdir -p "$DIR"; DIR=$(realpath "$DIR")
R=$DIR/root
: "${SSH_ADDR:=127.0.0.1}" "${SSH_PORT:=5059}" "${SSH_PASSWORD:=oracle-pass}"
: "${SIP_PORT:=15060}" "${TRUNK_IP:=127.0.0.2}" "${TRUNK_PORT:=15260}" "${RTP_FROM:=20000}" "${RTP_TO:=20999}"
: "${EVENT_URL:=http://127.0.0.1:8018}" "${ID_TOKEN:=375291111121}" "${TRUNK:=0001367}" "${SMART_REDIRECT:=1}"
: "${MAXSESSIONS:=10}" "${MAXSTARTUPS:=10:30:100}" "${MIRROR:=http://deb.debian.org/debian}"
PHONES=${PHONES-"150 152 trunk"}; : "${PHONE_PORT_BASE:=15000}"
if command -v zstd >/dev/null; then Z='zstd -T0 -3' UZ=zstd X=zst; else Z=gzip UZ=gzip X=gz; fi
: "${ROOT_TAR:=$DIR/root.tar.$X}"
PKGS="asterisk asterisk-core-sounds-en-gsm openssh-server openssh-client curl sip-tester"
t0=$(date +%s.%N); lap() { awk -v a="$t0" -v b="$(date +%s.%N)" -v m="$1" 'BEGIN{printf "%7.1fs %s\n", b-a, m}' >&2; }
inroot() { chroot "$R" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }

# ---------------------------------------------------------------- 1. root filesystem
if [ ! -e "$R/.oracle-built" ]; then
  if [ -e "$ROOT_TAR" ]; then
    mkdir -p "$R"; tar -C "$R" --numeric-owner -I "$UZ" -xf "$ROOT_TAR"; lap "unpacked $ROOT_TAR"
  else
    command -v debootstrap >/dev/null || apt-get install -y --no-install-recommends debootstrap >&2
    rm -rf --one-file-system "$R"
    debootstrap --variant=minbase sid "$R" "$MIRROR" >"$DIR/build.log" 2>&1; lap debootstrap
    printf '#!/bin/sh\nexit 101\n' >"$R/usr/sbin/policy-rc.d"; chmod 755 "$R/usr/sbin/policy-rc.d"
    printf '127.0.0.1 localhost\n' >"$R/etc/hosts"
    cat >"$R/etc/apt/apt.conf.d/99oracle" <<'E'
Acquire::Check-Valid-Until "false";
APT::Install-Recommends "false";
Acquire::Languages "none";
E
    cat >"$R/etc/dpkg/dpkg.cfg.d/99oracle" <<'E'
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/info/*
path-exclude /usr/share/doc/*
force-unsafe-io
E
    inroot sh -c "apt-get update && apt-get install -y $PKGS" >>"$DIR/build.log" 2>&1; lap "apt-get install"
    rm -rf "$R"/var/cache/apt/archives/*.deb "$R"/var/lib/apt/lists/*
    touch "$R/.oracle-built"
    tar -C "$R" --numeric-owner -I "$Z" -cf "$ROOT_TAR.part" . && mv "$ROOT_TAR.part" "$ROOT_TAR"; lap "packed $ROOT_TAR ($(du -h "$ROOT_TAR" | cut -f1))"
  fi
fi
# device nodes (a container without mknod: bind-mount the host's)
for n in null zero full random urandom tty; do [ -c "$R/dev/$n" ] || { : >"$R/dev/$n"; mount --bind /dev/$n "$R/dev/$n"; }; done

# ---------------------------------------------------------------- 2. configuration
A=$R/etc/asterisk
: >"$R/etc/resolv.conf"          # no resolver in the chroot: pjsip then opens no wildcard DNS sockets
printf '127.0.0.1 localhost\n' >"$R/etc/hosts"
X1
sed -i -e "s#@EVENT_URL@#$EVENT_URL#; s#@ID_TOKEN@#$ID_TOKEN#; s#@TRUNK@#$TRUNK#; s#@SMART_REDIRECT@#$SMART_REDIRECT#" "$A/extensions.conf"
X2
sed -i -e "s#@SIP_PORT@#$SIP_PORT#; s#@TRUNK_IP@#$TRUNK_IP#g; s#@TRUNK_PORT@#$TRUNK_PORT#g; s#@TRUNK@#$TRUNK#g" "$A/pjsip.conf"
X3
cat >"$A/rtp.conf" <<E
[general]
rtpstart=$RTP_FROM
rtpend=$RTP_TO
E
cat >"$A/logger.conf" <<'E'
[general]
dateformat=%F %T.%3q
[logfiles]
messages => notice,warning,error
full => notice,warning,error,verbose(5),dtmf
E
printf '[general]\nenabled=no\n' >"$A/manager.conf"
printf '[general]\nenabled=no\n' >"$A/http.conf"
printf '[general]\nenabled=no\n' >"$A/ari.conf"
rm -f "$A/users.conf"
printf '[general]\nenable=yes\nunanswered=yes\n[csv]\nusegmtime=yes\nloguniqueid=yes\nloguserfield=yes\n' >"$A/cdr.conf"
# asterisk.conf: shipped file; only the socket's owner/mode are added (root always may; here group asterisk too)
if ! grep -q oracle "$A/asterisk.conf"; then
cat >>"$A/asterisk.conf" <<'E'

[files] ; oracle
astctlpermissions = 0660
astctlowner = root
astctlgroup = asterisk
astctl = asterisk.ctl
E
fi

# sshd
mkdir -p "$R/run/sshd" "$R/root/.ssh"; chmod 755 "$R/run/sshd"; chmod 700 "$R/root/.ssh"
ls "$R"/etc/ssh/ssh_host_ed25519_key >/dev/null 2>&1 || inroot ssh-keygen -A >/dev/null
printf 'root:%s\n' "$SSH_PASSWORD" | inroot chpasswd
[ -e "$DIR/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C oracle -f "$DIR/id_ed25519"
install -m 600 "$DIR/id_ed25519.pub" "$R/root/.ssh/authorized_keys"
cat >"$R/etc/ssh/sshd_oracle_config" <<E
${SSHD_EXTRA:-}
ListenAddress $SSH_ADDR
Port $SSH_PORT
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
PubkeyAuthentication yes
UsePAM yes
UseDNS no
PrintMotd no
MaxSessions $MAXSESSIONS
MaxStartups $MAXSTARTUPS
AllowStreamLocalForwarding yes
AllowTcpForwarding yes
PidFile /run/sshd-oracle.pid
Subsystem sftp /usr/lib/openssh/sftp-server
E
inroot sshd -t -f /etc/ssh/sshd_oracle_config

# sipp scenarios
mkdir -p "$R/opt/sipp"
X4
X5
for ms in 1000 2000; do sed "s/@RING@/$ms/g" "$R/opt/sipp/uas.xml" >"$R/opt/sipp/uas-$ms.xml"; done
X6
if [ ! -e "$R/opt/sipp/tone.ulaw" ]; then   # 4 s of 440 Hz, 8 kHz mu-law, no tool needed but perl-base
  inroot perl -e 'for my $i (0..31999){my $s=int(8000*sin(2*3.14159265*440*$i/8000));my $sign=$s<0?0x80:0;$s=-$s if $s<0;$s+=132;$s=32635 if $s>32635;my $e=7;for(my $m=0x4000;$e>0&&!($s&$m);$m>>=1){$e--}my $mant=($s>>($e+3))&0x0f;print chr((~($sign|($e<<4)|$mant))&0xff)}' >"$R/opt/sipp/tone.ulaw"
fi
lap configured

# ---------------------------------------------------------------- 3. start
alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null && [ "$(readlink /proc/"$(cat "$1")"/root)" = "$R" ]; }
if ! alive "$DIR/asterisk.pid"; then
  rm -f "$R/run/asterisk/asterisk.ctl" "$R/run/asterisk/asterisk.pid" "$R"/var/lib/asterisk/astdb.sqlite3*   # astdb keeps registrations
  mkdir -p "$R/run/asterisk"; inroot chown -R asterisk:asterisk /var/run/asterisk /var/log/asterisk /var/spool/asterisk /var/lib/asterisk
  ( cd "$DIR"; exec setsid chroot "$R" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/var/lib/asterisk LC_ALL=C.UTF-8 \
      /usr/sbin/asterisk -f -U asterisk -G asterisk </dev/null >"$DIR/asterisk.out" 2>&1 ) &
  echo $! >"$DIR/asterisk.pid"
  for _ in $(seq 200); do inroot asterisk -rx 'core waitfullybooted' 2>/dev/null | grep -q 'fully booted' && break; sleep 0.1; done
  inroot asterisk -rx 'core waitfullybooted' >&2; lap "asterisk up, pid $(cat "$DIR/asterisk.pid")"
else
  inroot asterisk -rx 'core reload' >/dev/null; lap "asterisk already up (pid $(cat "$DIR/asterisk.pid")), reloaded"
fi
if ! alive "$DIR/sshd.pid"; then
  ( cd "$DIR"; exec setsid chroot "$R" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/sbin/sshd -D -e -f /etc/ssh/sshd_oracle_config </dev/null >"$DIR/sshd.log" 2>&1 ) &
  echo $! >"$DIR/sshd.pid"
  for _ in $(seq 100); do (exec 3<>/dev/tcp/$SSH_ADDR/$SSH_PORT) 2>/dev/null && break; sleep 0.05; done
  lap "sshd up on $SSH_ADDR:$SSH_PORT, pid $(cat "$DIR/sshd.pid")"
else lap "sshd already up (pid $(cat "$DIR/sshd.pid"))"; fi
for p in $PHONES; do
  if [ "$p" = trunk ]; then ip=$TRUNK_IP port=$TRUNK_PORT ring=2000 mp=$((RTP_TO+1001)); else ip=127.0.0.1 port=$((PHONE_PORT_BASE+p)) ring=1000 mp=$((RTP_TO+1+100*(p-149))); fi
  if ! alive "$DIR/sipp-$p.pid"; then
    ( cd "$DIR"; exec setsid chroot "$R" /usr/bin/env -i PATH=/usr/bin:/bin TERM=dumb /usr/bin/sipp -sf /opt/sipp/uas-$ring.xml -i $ip -mi $ip -p $port -mp $mp -ci 127.0.0.1 -cp $((port+1000)) -rtp_echo -nostdin -nd -aa -trace_err -error_file /tmp/sipp-$p.err 127.0.0.1:$SIP_PORT </dev/null >"$DIR/sipp-$p.out" 2>&1 ) &
    echo $! >"$DIR/sipp-$p.pid"; lap "sipp phone $p on $ip:$port, pid $(cat "$DIR/sipp-$p.pid")"
  fi
  [ "$p" = trunk ] && continue
  inroot timeout -s KILL 10 sipp -sf /opt/sipp/register.xml -s "$p" -au "$p" -ap "pw$p" -key cport $port -i 127.0.0.1 -p $((port+500)) -ci 127.0.0.1 -cp $((port+1500)) -m 1 -nostdin 127.0.0.1:$SIP_PORT >"$DIR/sipp-reg-$p.log" 2>&1 || echo "register $p failed, see $DIR/sipp-reg-$p.log" >&2
done
case " $PHONES " in *" trunk "*) # the OPTIONS sent at boot went out before the trunk was there: ask again and wait for the answer
  for _ in $(seq 80); do inroot asterisk -rx 'pjsip show contacts' | grep -q "$TRUNK_IP:$TRUNK_PORT .* Avail " && break; inroot asterisk -rx "pjsip qualify $TRUNK" >/dev/null; sleep 0.1; done;; esac
lap ready
