public import CommandKit

/// Verbs about the resources of an instance.
public enum ResourcesFamily: Family {
    public static let names = ["resource", "queue", "hostlist", "housekeeping", "R"]

    public static func command(named name: String) -> Command? {
        switch name {
        case "hostlist": hostlistCommand
        case "housekeeping": housekeepingCommand
        case "R": rCommand
        case "queue": queueCommand
        case "resource": resourceCommand
        default: nil
        }
    }
}
