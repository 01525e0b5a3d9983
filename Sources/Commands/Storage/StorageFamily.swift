public import CommandKit

/// Verbs about stored data and keys.
public enum StorageFamily: Family {
    public static let names = ["kvs", "keygen", "content", "gc", "fsck"]

    public static func command(named name: String) -> Command? {
        switch name {
        case "content": contentCommand
        case "fsck": fsckCommand
        case "gc": collectCommand
        case "keygen": keygenCommand
        case "kvs": kvsCommand
        default: nil
        }
    }
}
