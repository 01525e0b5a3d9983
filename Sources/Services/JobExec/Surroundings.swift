import Glibc

/// The environment of the broker, which the shells get.
func brokerEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
        let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
        entry += 1
    }
    return variables
}

/// `flux-shell` beside the broker's own program.
func siblingShell() -> String {
    var area = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &area, area.count - 1)
    guard count > 0 else { return "flux-shell" }
    let path = String(decoding: area[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/flux-shell"
}
