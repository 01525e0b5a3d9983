public import CommandKit

/// Verbs that look into a running instance.
public enum DiagnosticsFamily: Family {
    public static let names = ["ping", "dmesg", "logger", "event", "module", "overlay"]

    public static func command(named name: String) -> Command? {
        switch name {
        case "dmesg": dmesgCommand
        case "event": eventCommand
        case "logger": loggerCommand
        case "module": moduleCommand
        case "overlay": overlayCommand
        case "ping": pingCommand
        default: nil
        }
    }
}
