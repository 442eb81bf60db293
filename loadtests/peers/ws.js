// Node `ws`: whatever comes on /publish goes to every other socket, framed by the library.
//   node ws.js PORT
import { WebSocketServer } from "ws";

const port = Number(process.argv[2]);
const server = new WebSocketServer({
  host: "127.0.0.1",
  port,
  backlog: 4096,
  perMessageDeflate: false,
});
const watchers = new Set();

server.on("connection", (socket, request) => {
  if (request.url === "/publish") {
    socket.on("message", (data) => {
      for (const watcher of watchers) watcher.send(data, { binary: false });
    });
    return;
  }
  watchers.add(socket);
  socket.on("error", () => {});
  socket.on("close", () => watchers.delete(socket));
});
