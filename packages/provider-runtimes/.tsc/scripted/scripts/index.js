import { approval } from "./approval.js";
import { error } from "./error.js";
import { hello } from "./hello.js";
import { long } from "./long.js";
import { question } from "./question.js";
import { reasoning } from "./reasoning.js";
import { retry } from "./retry.js";
import { slow } from "./slow.js";
import { stream } from "./stream.js";
import { text } from "./text.js";
import { tools } from "./tools.js";
export const scripts = [
    hello,
    text,
    reasoning,
    tools,
    approval,
    question,
    error,
    retry,
    long,
    slow,
    stream
];
//# sourceMappingURL=index.js.map