// `ipclab/jest` inside of jest, as CommonJS, which both kinds of tests can import. The work is done outside of jest's sandbox, by
// dist/jest/environment.js, which leaves a function here.
exports.describeLab = (place) => {
  const describeLab = globalThis[Symbol.for('ipclab.describeLab')];
  if (!describeLab)
    throw new Error(
      'Expected jest to run with the preset of ipclab, but it does not. Put this into package.json: "jest": { "preset": "ipclab" }',
    );
  describeLab(place);
};
