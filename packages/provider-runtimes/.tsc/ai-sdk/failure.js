/** The most of a provider's own words that is kept, in UTF-16 code units. */
const LIMIT = 300;
/** Errors of the AI SDK are told by their names: theirs come from more than one copy and realm. */
export const failureOf = (error) => {
    const { cause, code, isRetryable, lastError, message, name, statusCode } = fieldsOf(error);
    if (name === "AI_RetryError" && lastError !== undefined)
        return failureOf(lastError);
    const said = withoutSecrets(typeof message === "string" ? message : String(error));
    if (name === "AI_APICallError") {
        if (typeof statusCode !== "number") {
            return {
                code: "ProviderUnreachable",
                message: `The provider can't be reached: ${said}`,
                retryable: true
            };
        }
        // The provider accepted, and what came then could not be read.
        if (statusCode < 400)
            return cause === undefined ? unreadable : failureOf(cause);
        return {
            code: `ProviderHttp${statusCode}`,
            message: `The provider answered with HTTP ${statusCode}: ${said}${adviceOn(statusCode)}`,
            retryable: isRetryable === true
        };
    }
    if (name === "AI_LoadAPIKeyError")
        return { code: "ProviderKeyMissing", message: said, retryable: false };
    if (name === "AI_JSONParseError" ||
        name === "AI_TypeValidationError" ||
        name === "AI_InvalidResponseDataError") {
        return unreadable;
    }
    if (name === "AI_NoOutputGeneratedError") {
        return {
            code: "ProviderGaveNoOutput",
            message: "The provider ended its answer before it began. Try the turn again.",
            retryable: true
        };
    }
    if (name === "TypeError" && (message === "terminated" || cause !== undefined)) {
        return {
            code: "ProviderDisconnected",
            message: "The provider closed the connection before its answer was complete. Try the turn again.",
            retryable: true
        };
    }
    return {
        code: "ProviderError",
        message: `The provider reported an error: ${said}`,
        ...(typeof code === "string"
            ? { message: `The provider reported an error (${withoutSecrets(code)}): ${said}` }
            : {}),
        ...(typeof isRetryable === "boolean" ? { retryable: isRetryable } : {})
    };
};
const unreadable = {
    code: "ProviderSentInvalidData",
    message: "The provider sent something that can't be read as its API describes it. Try the turn again.",
    retryable: true
};
const fieldsOf = (error) => 
// An error's fields may sit on its prototype: read them, don't spread them.
typeof error === "object" && error !== null ? error : {};
const adviceOn = (statusCode) => {
    if (statusCode === 401 || statusCode === 403)
        return " Check the API key that the server was started with.";
    if (statusCode === 404)
        return " Check the model's name and the base URL.";
    if (statusCode === 429)
        return " Try the turn again later.";
    return "";
};
const secrets = [
    [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, "$1 [secret]"],
    [/\b(sk|pk|rk|xai|gsk|key)[-_][\w*-]{6,}/gi, "[secret]"],
    [/\bAIza[\w-]{8,}/g, "[secret]"],
    [/([?&](?:key|api[-_]?key|token|access_token)=)[^&\s"']+/gi, "$1[secret]"]
];
const withoutSecrets = (text) => {
    const clean = secrets.reduce((text, [pattern, instead]) => text.replace(pattern, instead), text);
    return clean.length <= LIMIT ? clean : `${clean.slice(0, LIMIT).toWellFormed()}…`;
};
//# sourceMappingURL=failure.js.map