/** What an attack costs whoever sends it: accepts and discards, and answers nothing. */
import { createServer, type AddressInfo } from 'node:net';

process.once('disconnect', () => process.exit());
const server = createServer({ allowHalfOpen: false }, (socket) => {
  socket.on('error', () => undefined);
  socket.resume();
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
