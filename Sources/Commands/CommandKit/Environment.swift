internal import Glibc

/// The variables of this process.
public enum Environment {
    public static subscript(name: String) -> String? {
        get { getenv(name).map { String(cString: $0) } }
        set { if let newValue { setenv(name, newValue, 1) } else { unsetenv(name) } }
    }

    /// All variables, in no order.
    public static var all: [String: String] {
        var result: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equal = text.firstIndex(of: "=") {
                result[String(text[..<equal])] = String(text[text.index(after: equal)...])
            }
            next += 1
        }
        return result
    }
}
