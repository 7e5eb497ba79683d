import { Schema } from "effect";
import { inputSchema } from "./inputSchema.js";
/** `now` answers milliseconds since 1970. */
export const currentTime = (now = Date.now) => ({
    name: "current_time",
    description: "Tells the current date and time, in UTC and in a time zone.",
    inputSchema: inputSchema(Schema.Struct({
        timeZone: Schema.optionalKey(Schema.String.annotate({
            description: "A name of the IANA database, such as Europe/Zurich. UTC if absent."
        }))
    })),
    execute: async ({ timeZone = "UTC" }) => {
        const at = new Date(now());
        return { utc: at.toISOString(), timeZone, local: localTime(at, timeZone) };
    }
});
const localTime = (at, timeZone) => {
    try {
        return new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "full", timeStyle: "long" }).format(at);
    }
    catch {
        throw new Error(`"${timeZone}" is no time zone. Use a name of the IANA database, such as Europe/Zurich.`);
    }
};
//# sourceMappingURL=currentTime.js.map