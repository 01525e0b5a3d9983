import Glibc

/// The programs of this build: they lie beside the program that runs the tests.
enum Programs {
    static let folder: String = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = max(0, readlink("/proc/self/exe", &buffer, buffer.count - 1))
        let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
    }()

    static let flux = "\(folder)/flux"

    /// Whether everything an instance needs was built.
    static let areBuilt = ["flux", "flux-broker", "flux-shell"].allSatisfy { access("\(folder)/\($0)", X_OK) == 0 }

    /// The repository's folder: two above the folder of this file.
    static let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
}

/// How a program ended and what it wrote.
struct Outcome {
    /// The exit status, or 128 and the number of the signal.
    var status: Int32 = -1
    var output = ""
    var errors = ""
    var isTimeout = false
    var seconds = 0.0

    var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// Seconds of a clock that only goes forward.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Waits without keeping a core busy.
func pause(_ seconds: Double) { usleep(UInt32(seconds * 1e6)) }

/// Waits until something is so, and says whether it came to be.
func eventually(within seconds: Double = 20, _ condition: () -> Bool) -> Bool {
    let end = now() + seconds
    while now() < end {
        if condition() { return true }
        pause(0.05)
    }
    return condition()
}
