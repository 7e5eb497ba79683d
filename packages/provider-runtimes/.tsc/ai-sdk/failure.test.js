import { APICallError, JSONParseError, RetryError } from "ai";
import { describe, expect, it } from "vitest";
import { failureOf } from "./failure.js";
const http = (statusCode, message, cause) => new APICallError({
    message,
    url: "http://provider.invalid/v1?key=secret",
    requestBodyValues: {},
    cause,
    ...(statusCode === undefined ? {} : { statusCode })
});
describe("failureOf", () => {
    it("names the status of a refusal, whether trying again helps, and what to check", () => {
        expect(failureOf(http(503, "Overloaded"))).toMatchObject({ code: "ProviderHttp503", retryable: true });
        const refused = failureOf(http(401, "Incorrect API key provided"));
        expect(refused).toMatchObject({ code: "ProviderHttp401", retryable: false });
        expect(refused.message).toContain("Check the API key");
        expect(failureOf(http(undefined, "Cannot connect to API: ECONNREFUSED"))).toMatchObject({
            code: "ProviderUnreachable"
        });
    });
    it("looks behind an error that only wraps another", () => {
        const cut = new TypeError("terminated", { cause: new Error("other side closed") });
        expect(failureOf(http(200, "Failed to process successful response", cut)).code).toBe("ProviderDisconnected");
        const errors = [http(500, "down")];
        expect(failureOf(new RetryError({ message: "gave up", reason: "maxRetriesExceeded", errors })).code).toBe("ProviderHttp500");
    });
    it("does not repeat data that could not be read", () => {
        const error = new JSONParseError({ text: "{ a whole document", cause: new Error("no") });
        expect(failureOf(error)).toMatchObject({
            code: "ProviderSentInvalidData",
            message: expect.not.stringContaining("document")
        });
    });
    it("takes whatever a provider sends as its error", () => {
        const said = { message: "Token limit reached", code: "limit" };
        expect(failureOf(said).message).toBe("The provider reported an error (limit): Token limit reached");
        expect(failureOf("plain words").message).toContain("plain words");
        expect(failureOf(undefined).code).toBe("ProviderError");
    });
    it.each([
        "Incorrect API key provided: sk-proj-abc123def456",
        "Bad header: Bearer abc.def-123",
        "GET https://api.invalid/v1/models?key=AIzaSyA1234567890abcdef failed",
        "key AIzaSyA1234567890abcdef is expired"
    ])("keeps a secret to itself: %s", (message) => {
        const said = failureOf(http(400, message)).message;
        expect(said).toContain("[secret]");
        expect(said).not.toMatch(/abc123|abc\.def|AIza/);
    });
    it("keeps a provider's long words short", () => {
        expect(failureOf(http(400, "x".repeat(10_000))).message.length).toBeLessThan(400);
    });
});
//# sourceMappingURL=failure.test.js.map