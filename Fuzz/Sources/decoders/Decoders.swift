import ConformanceKit
import Glibc

/// One input of libFuzzer: every decoder reads it, or the one that FUZZ_TARGET names.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    for target in chosen {
        if let complaint = target.run(bytes[...]) { fatalError("\(target.name): \(complaint)") }
    }
    return 0
}

private let chosen: [FuzzTarget] = {
    guard let name = getenv("FUZZ_TARGET").map({ String(cString: $0) }) else { return FuzzTarget.all }
    return FuzzTarget.all.filter { $0.name == name }
}()
