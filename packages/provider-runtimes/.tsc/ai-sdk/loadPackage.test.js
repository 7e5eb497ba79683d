var __rewriteRelativeImportExtension = (this && this.__rewriteRelativeImportExtension) || function (path, preserveJsx) {
    if (typeof path === "string" && /^\.\.?\//.test(path)) {
        return path.replace(/\.(tsx)$|((?:\.d)?)((?:\.[^./]+?)?)\.([cm]?)ts$/i, function (m, tsx, d, ext, cm) {
            return tsx ? preserveJsx ? ".jsx" : ".js" : d && (!ext || !cm) ? m : (d + ext + "." + cm.toLowerCase() + "js");
        });
    }
    return path;
};
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { TESTED_WITH } from "./callModel.js";
import { loadPackage } from "./loadPackage.js";
describe("a package of the AI SDK", () => {
    it("is loaded where it is installed", async () => {
        const { streamText } = await loadPackage("ai", () => import("ai"));
        expect(streamText).toBeTypeOf("function");
    });
    it("is named with the command that installs it where it is not there", async () => {
        const absent = "@ai-sdk/not-installed-here";
        await expect(loadPackage(absent, () => import(__rewriteRelativeImportExtension(absent)))).rejects.toMatchObject({
            _tag: "RuntimeFailed",
            code: "PackageMissing",
            message: expect.stringContaining(`npm install ${absent}`)
        });
    });
    it("is, where it does not fit, told to be the version that we are tested with", () => {
        const { version } = createRequire(import.meta.url)("ai/package.json");
        expect(TESTED_WITH).toBe(version);
    });
    it("that fails while it loads fails as it does", async () => {
        const broken = new TypeError("a bug of the package");
        await expect(loadPackage("ai", () => Promise.reject(broken))).rejects.toBe(broken);
    });
});
//# sourceMappingURL=loadPackage.test.js.map