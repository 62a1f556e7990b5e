#!/bin/bash
# up.sh FOLDER: a real Asterisk and a real sshd from Debian packages, in a root of their own below FOLDER, on loopback
# only. Built once (about a minute, kept as FOLDER/root.tar.zst), started in a second or two. Needs root and debootstrap.
# Variables: SSH_PORT SSH_PASSWORD SIP_PORT TRUNK_PORT PHONE_PORT_BASE RTP_FROM RTP_TO TRUNKLINE_URL ID_TOKEN TRUNK
#   PHONES="150 152 trunk" (real SIP phones to start; "": the dialplan simulates them), SSHD_EXTRA (lines put first in
#   sshd_config), SUITE=sid, MIRROR, DIALPLAN (the file to install as extensions_trunkline.conf)
set -euo pipefail
DIR=$(realpath "${1:?usage: up.sh FOLDER}")
HERE=$(dirname "$(realpath "$0")")
R=$DIR/root
: "${SSH_PORT:=5059}" "${SSH_PASSWORD:=box-pass}" "${SIP_PORT:=15060}" "${TRUNK_IP:=127.0.0.2}" "${TRUNK_PORT:=15260}"
: "${RTP_FROM:=20000}" "${RTP_TO:=20999}" "${PHONE_PORT_BASE:=15000}" "${SUITE:=sid}" "${MIRROR:=http://deb.debian.org/debian}"
: "${TRUNKLINE_URL:=http://127.0.0.1:8018}" "${ID_TOKEN:=375290000001}" "${TRUNK:=0001367}"
: "${DIALPLAN:=$HERE/../../../infra/asterisk/extensions_trunkline.conf}"
PHONES=${PHONES-"150 152 trunk"}
if command -v zstd >/dev/null; then PACK='zstd -T0 -3' UNPACK=zstd ROOT_TAR=$DIR/root.tar.zst
else PACK=gzip UNPACK=gzip ROOT_TAR=$DIR/root.tar.gz; fi
PACKAGES="asterisk asterisk-core-sounds-en-gsm openssh-server openssh-client sshpass curl sip-tester"

inroot() {
  chroot "$R" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root \
    DEBIAN_FRONTEND=noninteractive "$@"
}
alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null && [ "$(readlink "/proc/$(cat "$1")/root")" = "$R" ]; }

# --- the root, from packages or from the archive of an earlier build
build() {
  rm -rf --one-file-system "$R"
  debootstrap --variant=minbase "$SUITE" "$R" "$MIRROR" >"$DIR/build.log" 2>&1
  printf '#!/bin/sh\nexit 101\n' >"$R/usr/sbin/policy-rc.d" # packages must not start daemons
  chmod 755 "$R/usr/sbin/policy-rc.d"
  printf '127.0.0.1 localhost\n' >"$R/etc/hosts"
  printf '%s\n' 'Acquire::Check-Valid-Until "false";' 'APT::Install-Recommends "false";' \
    'Acquire::Languages "none";' >"$R/etc/apt/apt.conf.d/99box"
  printf 'path-exclude /usr/share/%s/*\n' man locale info doc >"$R/etc/dpkg/dpkg.cfg.d/99box"
  echo force-unsafe-io >>"$R/etc/dpkg/dpkg.cfg.d/99box"
  inroot sh -c "apt-get update && apt-get install -y $PACKAGES" >>"$DIR/build.log" 2>&1
  rm -rf "$R"/var/cache/apt/archives/*.deb "$R"/var/lib/apt/lists/*
  touch "$R/.built"
  tar -C "$R" --numeric-owner -I "$PACK" -cf "$ROOT_TAR.part" . && mv "$ROOT_TAR.part" "$ROOT_TAR"
}
if [ ! -e "$R/.built" ]; then
  if [ -e "$ROOT_TAR" ]; then
    mkdir -p "$R"
    tar -C "$R" --numeric-owner -I "$UNPACK" -xf "$ROOT_TAR"
  else build; fi
fi
for node in null zero full random urandom tty; do # a container that may not make device nodes lends its own
  [ -c "$R/dev/$node" ] || { : >"$R/dev/$node"; mount --bind "/dev/$node" "$R/dev/$node"; }
done

# --- configuration
A=$R/etc/asterisk
: >"$R/etc/resolv.conf" # without a resolver pjsip opens no socket to the outside
printf '127.0.0.1 localhost\n' >"$R/etc/hosts"
sed -e "s#@TRUNKLINE_URL@#$TRUNKLINE_URL#; s#@ID_TOKEN@#$ID_TOKEN#; s#@TRUNK@#$TRUNK#" "$HERE/extensions.conf" >"$A/extensions.conf"
cp "$DIALPLAN" "$A/extensions_trunkline.conf"
sed -e "s#@SIP_PORT@#$SIP_PORT#; s#@TRUNK_IP@#$TRUNK_IP#g; s#@TRUNK_PORT@#$TRUNK_PORT#g; s#@TRUNK@#$TRUNK#g" "$HERE/pjsip.conf" >"$A/pjsip.conf"
cp "$HERE/modules.conf" "$A/modules.conf"
printf '[general]\nrtpstart=%s\nrtpend=%s\n' "$RTP_FROM" "$RTP_TO" >"$A/rtp.conf"
printf '%s\n' '[general]' 'dateformat=%F %T.%3q' '[logfiles]' 'messages => notice,warning,error' \
  'full => notice,warning,error,verbose(5)' >"$A/logger.conf"
for service in manager http ari; do printf '[general]\nenabled=no\n' >"$A/$service.conf"; done
rm -f "$A/users.conf"
printf '[general]\nenable=yes\nunanswered=yes\n[csv]\nusegmtime=no\nloguniqueid=yes\n' >"$A/cdr.conf"
grep -q 'astctlgroup = asterisk' "$A/asterisk.conf" || printf '%s\n' '' '[files]' 'astctlpermissions = 0660' \
  'astctlowner = root' 'astctlgroup = asterisk' 'astctl = asterisk.ctl' >>"$A/asterisk.conf"

mkdir -p "$R/run/sshd" "$R/root/.ssh"
chmod 755 "$R/run/sshd"
chmod 700 "$R/root/.ssh"
[ -e "$R/etc/ssh/ssh_host_ed25519_key" ] || inroot ssh-keygen -A >/dev/null
printf 'root:%s\n' "$SSH_PASSWORD" | inroot chpasswd
# the user that docs/asterisk-box.md makes: no shell, in Asterisk's group
inroot id trunkline >/dev/null 2>&1 || inroot useradd -m -s /usr/sbin/nologin -G asterisk trunkline
[ -e "$DIR/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C box -f "$DIR/id_ed25519"
install -m 600 "$DIR/id_ed25519.pub" "$R/root/.ssh/authorized_keys"
install -d -m 700 "$R/home/trunkline/.ssh"
{ printf 'restrict,port-forwarding '; cat "$DIR/id_ed25519.pub"; } >"$R/home/trunkline/.ssh/authorized_keys"
inroot chown -R trunkline: /home/trunkline/.ssh
cat >"$R/etc/ssh/sshd_box_config" <<CONFIG
${SSHD_EXTRA:-}
ListenAddress 127.0.0.1
Port $SSH_PORT
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
PubkeyAuthentication yes
UsePAM yes
UseDNS no
PrintMotd no
AllowStreamLocalForwarding yes
PidFile /run/sshd-box.pid
Subsystem sftp /usr/lib/openssh/sftp-server
CONFIG
inroot sshd -t -f /etc/ssh/sshd_box_config

mkdir -p "$R/opt/sipp"
for name in register uac; do cp "$HERE/sipp-$name.xml" "$R/opt/sipp/$name.xml"; done
for ms in 1000 2000; do sed "s/@RING@/$ms/g" "$HERE/sipp-uas.xml" >"$R/opt/sipp/uas-$ms.xml"; done
# 4 s of 440 Hz, mu-law, for the caller to play
[ -e "$R/opt/sipp/tone.ulaw" ] || inroot perl -e 'for my $i (0..31999){my $s=int(8000*sin(2*3.14159265*440*$i/8000));my $sign=$s<0?0x80:0;$s=-$s if $s<0;$s+=132;my $e=7;for(my $m=0x4000;$e>0&&!($s&$m);$m>>=1){$e--}my $mant=($s>>($e+3))&0x0f;print chr((~($sign|($e<<4)|$mant))&0xff)}' >"$R/opt/sipp/tone.ulaw"

# --- start
if ! alive "$DIR/asterisk.pid"; then
  rm -f "$R/run/asterisk/asterisk.ctl" "$R/run/asterisk/asterisk.pid" "$R"/var/lib/asterisk/astdb.sqlite3*
  mkdir -p "$R/run/asterisk"
  inroot chown -R asterisk:asterisk /run/asterisk /var/log/asterisk /var/spool/asterisk /var/lib/asterisk
  (cd "$DIR"; exec setsid chroot "$R" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/var/lib/asterisk \
    LC_ALL=C.UTF-8 /usr/sbin/asterisk -f -U asterisk -G asterisk </dev/null >"$DIR/asterisk.out" 2>&1) &
  echo $! >"$DIR/asterisk.pid"
  for _ in $(seq 200); do
    inroot asterisk -rx 'core waitfullybooted' 2>/dev/null | grep -q 'fully booted' && break
    sleep 0.1
  done
  inroot asterisk -rx 'core waitfullybooted' >&2
else
  inroot asterisk -rx 'core reload' >/dev/null
fi
if ! alive "$DIR/sshd.pid"; then
  (cd "$DIR"; exec setsid chroot "$R" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/sbin/sshd -D -e \
    -f /etc/ssh/sshd_box_config </dev/null >"$DIR/sshd.log" 2>&1) &
  echo $! >"$DIR/sshd.pid"
  for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$SSH_PORT") 2>/dev/null && break; sleep 0.05; done
fi
for phone in $PHONES; do
  if [ "$phone" = trunk ]; then ip=$TRUNK_IP port=$TRUNK_PORT ring=2000 media=$((RTP_TO + 1001))
  else ip=127.0.0.1 port=$((PHONE_PORT_BASE + phone)) ring=1000 media=$((RTP_TO + 1 + 100 * (phone - 149))); fi
  if ! alive "$DIR/sipp-$phone.pid"; then
    (cd "$DIR"; exec setsid chroot "$R" /usr/bin/env -i PATH=/usr/bin:/bin TERM=dumb /usr/bin/sipp \
      -sf "/opt/sipp/uas-$ring.xml" -i "$ip" -mi "$ip" -p "$port" -mp "$media" -ci 127.0.0.1 -cp $((port + 1000)) \
      -rtp_echo -nostdin -nd -aa -trace_err -error_file "/tmp/sipp-$phone.err" "127.0.0.1:$SIP_PORT" \
      </dev/null >"$DIR/sipp-$phone.out" 2>&1) &
    echo $! >"$DIR/sipp-$phone.pid"
  fi
  [ "$phone" = trunk ] && continue
  inroot timeout -s KILL 10 sipp -sf /opt/sipp/register.xml -s "$phone" -au "$phone" -ap "pw$phone" -key cport "$port" \
    -i 127.0.0.1 -p $((port + 500)) -ci 127.0.0.1 -cp $((port + 1500)) -m 1 -nostdin "127.0.0.1:$SIP_PORT" \
    >"$DIR/sipp-register-$phone.log" 2>&1 || echo "the phone $phone is not registered: $DIR/sipp-register-$phone.log" >&2
done
case " $PHONES " in *" trunk "*) # asked at boot, before the trunk was there
  for _ in $(seq 80); do
    inroot asterisk -rx 'pjsip show contacts' | grep -q "$TRUNK_IP:$TRUNK_PORT .* Avail " && break
    inroot asterisk -rx "pjsip qualify $TRUNK" >/dev/null
    sleep 0.1
  done ;;
esac
