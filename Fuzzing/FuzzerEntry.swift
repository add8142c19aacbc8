import FuzzTargets
import Glibc

/// The target that FUZZ_TARGET names: one program holds them all, so that one link serves all.
private let target: FuzzTarget = {
    if let name = getenv("FUZZ_TARGET"), let target = FuzzTarget(rawValue: String(cString: name)) { return target }
    print("FUZZ_TARGET has to be one of:", FuzzTarget.allCases.map(\.rawValue).joined(separator: " "))
    exit(2)
}()

/// libFuzzer's entry point. Source: llvm.org/docs/LibFuzzer.html.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
