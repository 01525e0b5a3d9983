import Glibc

/// `flux-shell` beside the broker's own program.
func siblingShell() -> String {
    var area = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &area, area.count - 1)
    guard count > 0 else { return "flux-shell" }
    let path = String(decoding: area[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/flux-shell"
}
