// Socket.IO with its Redis Streams adapter and connection state recovery.
//   node socketio.js PORT REDIS_URL
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const [port, redisUrl] = [Number(process.argv[2]), process.argv[3]];
const redis = createClient({ url: redisUrl });
await redis.connect();

const http = createServer();
const io = new Server(http, {
  adapter: createAdapter(redis, { onlyPlaintext: true, streamName: "peers:socket.io" }),
  connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
  serveClient: false,
  transports: ["websocket"],
});
// As its manual advises: the first request of each socket need not be kept.
io.engine.on("connection", (raw) => {
  raw.request = null;
});
io.on("connection", (socket) => {
  if (socket.handshake.auth.publisher) {
    socket.on("publish", (text) => io.to("all").emit("message", text));
  } else {
    socket.join("all");
  }
});
http.listen({ host: "127.0.0.1", port, backlog: 4096 });
