internal import FluxJSON
internal import Glibc

/// The shell option `stage-in`: archives of the KVS that are unpacked before tasks start.
///
/// Source: observed: flux-core 0.88.
struct StageInOptions: Hashable {
    /// Archives by name, in the order of unpacking.
    var names = ["main"]
    /// A pattern of fnmatch(3) that paths have to match; nil for all.
    var pattern: String?
    /// A folder that is there already; nil for that of the job.
    var destination: String?
    /// Whether only the first shell unpacks, because all nodes see the folder.
    var isGlobal = false
    /// Whether the names came by the old name of the option.
    var usesTags = false

    /// - Parameter option: true or a table with `names`, `pattern` and `destination`; nil or false for nothing.
    /// - Throws: ``ShellExit`` that names the key.
    init?(_ option: JSON?) throws(ShellExit) {
        switch option {
        case nil, .some(.null), .some(.bool(false)), .some(.int(0)): return nil
        default: break
        }
        for (key, value) in option?.objectValue ?? [:] {
            guard let text = value.stringValue else {
                throw Self.refusal("\(key): expected string, found \(value.typeName)")
            }
            switch key {
            case "names", "tags":
                let list = text.split(separator: ",").map(String.init)
                if key == "tags" { usesTags = true } else if usesTags { continue }
                if !list.isEmpty { names = list }
            case "pattern": pattern = text
            case "destination": try setDestination(text)
            default: throw Self.refusal("1 object item(s) left unpacked: \(key)")
            }
        }
    }

    private mutating func setDestination(_ text: String) throws(ShellExit) {
        guard let colon = text.firstIndex(of: ":") else {
            destination = text
            return
        }
        destination = String(text[text.index(after: colon)...])
        switch text[..<colon] {
        case "local": break
        case "global": isGlobal = true
        default: throw ShellExit(1, "destination prefix must be local: or global:", component: "stage-in")
        }
    }

    private static func refusal(_ text: String) -> ShellExit {
        ShellExit(1, "Error parsing stage_in shell option: \(text)", component: "stage-in")
    }

    /// Whether an entry is wanted.
    func admits(_ path: String) -> Bool { pattern.map { fnmatch($0, path, 0) == 0 } ?? true }
}
