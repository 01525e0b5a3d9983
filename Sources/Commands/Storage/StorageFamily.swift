public import CommandKit

/// Verbs about stored data and keys.
public enum StorageFamily: Family {
    public static let names = ["kvs", "keygen", "content", "gc", "fsck", "dump", "restore"]

    public static func command(named name: String) -> Command? {
        switch name {
        case "content": contentCommand
        case "dump": dumpCommand
        case "fsck": fsckCommand
        case "gc": collectCommand
        case "keygen": keygenCommand
        case "kvs": kvsCommand
        case "restore": restoreCommand
        default: nil
        }
    }
}
