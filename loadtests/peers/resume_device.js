// Devices on Socket.IO, with its own client, for another process: orders come as lines of JSON
// on standard input, what happens goes out as lines of JSON.
//
//   {"device":1,"do":"arrive","url":"http://…","point":"OWN"}   connect, as what it was before
//   {"device":1,"do":"arrive_in_vain","url":"http://…"}         the same, and the answer is lost
//   {"device":1,"do":"cut"}                                     drop the transport
//   {"device":1,"do":"twin","other":2}                          2 was where 1 was
//
//   {"device":1,"got":7}   {"device":1,"said":"resumed"}   {"device":1,"closed":true}
//   {"device":1,"refused":true}   {"device":1,"done":"arrive_in_vain"}
import { createInterface } from "node:readline";
import { io } from "socket.io-client";
import { WebSocket } from "ws";

const devices = new Map();
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

function open(number, url) {
  const socket = io(url, { transports: ["websocket"], reconnection: false, forceNew: true, autoConnect: false });
  let before = false;
  socket.on("connect", () => {
    tell({ device: number, said: socket.recovered ? "resumed" : before ? "reload" : "welcome" });
    before = true;
  });
  socket.on("event", (value) => tell({ device: number, got: value }));
  socket.on("disconnect", () => tell({ device: number, closed: true }));
  socket.on("connect_error", () => tell({ device: number, refused: true }));
  socket.wasConnected = () => (before = true);
  devices.set(number, socket);
  return socket;
}

function arrive({ device, url, point }) {
  const socket = devices.get(device) ?? open(device, url);
  // The session and the place in the stream are the client's own; there is no setting for them.
  if (point === "FOREIGN" && socket._pid) socket._pid = "nobody-ever-had-this";
  if (point === "AHEAD" && socket._pid) socket._lastOffset = "99999999999999-0";
  socket.io.uri = url;
  socket.connect();
}

// Connects as the client does, and drops the transport at the first word after its own.
function arriveInVain({ device, url }) {
  const { _pid: pid, _lastOffset: offset } = devices.get(device);
  const raw = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  let said = false;
  raw.on("message", () => {
    if (said) raw.terminate();
    else raw.send(`40${JSON.stringify({ pid, offset })}`);
    said = true;
  });
  raw.on("error", () => {});
  raw.on("close", () => tell({ device, done: "arrive_in_vain" }));
}

function twin({ device, other }) {
  const before = devices.get(device);
  const socket = open(other, before.io.uri);
  socket._pid = before._pid;
  socket._lastOffset = before._lastOffset;
  socket.wasConnected();
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const order = JSON.parse(line);
  if (order.do === "arrive") arrive(order);
  else if (order.do === "arrive_in_vain") arriveInVain(order);
  else if (order.do === "twin") twin(order);
  else if (order.do === "cut") devices.get(order.device)?.io.engine?.transport?.ws?.terminate();
});
process.stdin.on("end", () => process.exit(0));
