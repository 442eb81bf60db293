import { describe, expect, it } from "vitest";
import { ApiError, NetworkError } from "@/api/errors";
import { check, refusals } from "./fields";

const KNOWN = ["username", "email", "password"];

describe("check", () => {
  it.each([
    ["username", "ana.k_1", true],
    ["username", "an", false],
    ["username", "ana k", false],
    ["password", "1234567", false],
    ["password", "12345678", true],
    ["email", "ana@example.org", true],
    ["email", "ana@", false],
    ["username", "", true],
  ])("%s %j is fine: %s", (name, value, fine) => {
    expect(check(name, value) === undefined).toBe(fine);
  });
});

describe("refusals", () => {
  it("puts each sentence at its field", () => {
    const error = new ApiError(422, "invalid", "no", { fields: { email: "Wrong.", other: "?" } });
    expect(refusals(error, KNOWN)).toEqual({ email: "Wrong." });
  });

  it("knows a conflict by its code", () => {
    const error = new ApiError(409, "username_taken", "Taken.");
    expect(refusals(error, KNOWN)).toEqual({ username: "Taken." });
  });

  it("says the rest above the form", () => {
    expect(refusals(new ApiError(401, "wrong", "Wrong password."), KNOWN)).toEqual({
      form: "Wrong password.",
    });
    expect(refusals(new NetworkError(), KNOWN)).toHaveProperty("form");
  });
});
