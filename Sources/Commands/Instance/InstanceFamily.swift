public import CommandKit

/// Verbs that start, stop and describe an instance.
public enum InstanceFamily: Family {
    public static let names = [
        "start", "broker", "shutdown", "version", "env", "getattr", "setattr", "lsattr", "uptime", "exec", "config",
        "proxy", "uri", "cron", "sproc", "relay", "pmi",
    ]

    public static func command(named name: String) -> Command? {
        switch name {
        case "broker": brokerCommand
        case "config": configCommand
        case "cron": cronCommand
        case "env": envCommand
        case "exec": execCommand
        case "getattr": getattrCommand
        case "lsattr": lsattrCommand
        case "pmi": pmiCommand
        case "proxy": proxyCommand
        case "relay": relayCommand
        case "setattr": setattrCommand
        case "shutdown": shutdownCommand
        case "sproc": sprocCommand
        case "start": startCommand
        case "uri": uriCommand
        case "uptime": uptimeCommand
        case "version": versionCommand
        default: nil
        }
    }
}
