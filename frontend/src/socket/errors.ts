/**
 * Why a call failed. `code` is the operation's, as at its REST twin, or one of the client's own:
 * - `lost`: the connection broke before the answer came, so it may have been carried out;
 * - `timeout`: no answer in time; it may have been carried out;
 * - `full`: too many calls wait for their answers already; it was not sent;
 * - `too_large`: larger than the server takes in a frame; it was not sent;
 * - `stopped`: the client was closed, or the server closed for good.
 */
export class CallError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly details?: unknown,
  ) {
    super(message);
    this.name = "CallError";
  }
}
