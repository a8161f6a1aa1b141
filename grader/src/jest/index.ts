/**
 * Declares the tests of a lab: one for each scenario and rule. They grade the submission that holds `place`, with the verdicts of
 * `ipclab grade`, and fail with the finding. Needs the preset: `"jest": { "preset": "ipclab" }`.
 *
 * `place`: folder, file or URL of the test, `import.meta.url`; the lab and the submission are found from there.
 */
export declare function describeLab(place: string | URL): void;
