/** Fails with `RuntimeFailed` that says what to install where the package is not there. */
export declare const loadPackage: <Module>(name: string, load: () => Promise<Module>) => Promise<Module>;
//# sourceMappingURL=loadPackage.d.ts.map