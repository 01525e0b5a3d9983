public import CommandKit

/// Verbs about stored data and keys.
public enum StorageFamily: Family {
    public static let names = [
        "archive", "kvs", "keygen", "content", "gc", "fsck", "dump", "restore", "startlog",
    ]

    public static func command(named name: String) -> Command? {
        switch name {
        case "archive": archiveCommand
        case "content": contentCommand
        case "dump": dumpCommand
        case "fsck": fsckCommand
        case "gc": collectCommand
        case "keygen": keygenCommand
        case "kvs": kvsCommand
        case "restore": restoreCommand
        case "startlog": startlogCommand
        default: nil
        }
    }
}
