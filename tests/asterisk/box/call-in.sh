#!/bin/bash
# call-in.sh FOLDER [FROM] [DID] [TALK_MS]: one real SIP call from the trunk; returns when it ends
DIR=$(realpath "${1:?usage: call-in.sh FOLDER [FROM] [DID] [TALK_MS]}")
FROM=${2:-375291234567} DID=${3:-375173000000} TALK=${4:-20000} R=$DIR/root n=$$
: "${TRUNK_IP:=127.0.0.2}" "${SIP_PORT:=15060}" "${CALLER_PORT_BASE:=16300}"
scenario=/tmp/uac-$n.xml
sed "s/@TALK@/$TALK/g" "$R/opt/sipp/uac.xml" >"$R$scenario"
port=$((CALLER_PORT_BASE + n % 1000)) media=$((24000 + (n % 3000) * 4))
trap 'kill $! 2>/dev/null' TERM INT
chroot "$R" /usr/bin/env -i PATH=/usr/bin:/bin TERM=dumb sipp -sf "$scenario" -key from "$FROM" -s "$DID" \
  -i "$TRUNK_IP" -mi "$TRUNK_IP" -p $port -ci 127.0.0.1 -cp $((port + 20000)) -min_rtp_port $media \
  -max_rtp_port $((media + 3)) -m 1 -nostdin -nd -aa "127.0.0.1:$SIP_PORT" </dev/null >"$DIR/uac-$n.out" 2>&1 &
wait $!
code=$?
rm -f "$R$scenario"
exit $code
