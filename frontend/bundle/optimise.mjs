// Optimises WASM modules for size, as `wasm-opt -Oz` does, many in one process: binaryen takes longer to start than most of them take.
//
//   node optimise.mjs IN OUT [IN OUT]...
import { readFileSync, renameSync, writeFileSync } from "node:fs";

import binaryen from "binaryen";

const { Features } = binaryen;
// What rustc uses on its own for this target. With all features binaryen would write what browsers do not read yet.
const FEATURES = [
    Features.BulkMemory,
    Features.BulkMemoryOpt,
    Features.CallIndirectOverlong,
    Features.Multivalue,
    Features.MutableGlobals,
    Features.NontrappingFPToInt,
    Features.ReferenceTypes,
    Features.SignExt,
].reduce((all, one) => all | one);

binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);
binaryen.setGenerateStackIR(true);
binaryen.setOptimizeStackIR(true);
const paths = process.argv.slice(2);
for (let i = 0; i + 1 < paths.length; i += 2) {
    const [from, to] = paths.slice(i, i + 2);
    const module = binaryen.readBinary(readFileSync(from), FEATURES);
    module.optimize();
    // Under its name only once it is whole.
    const part = `${to}.${process.pid}.part`;
    writeFileSync(part, module.emitBinary());
    renameSync(part, to);
    module.dispose();
}
