internal import FluxJSON

/// The shell options `pmi` and `pmi-simple`.
///
/// Source: observed: flux-core 0.88.
struct PMIOptions: Hashable {
    /// Whether tasks are served at all.
    let isEnabled: Bool
    /// How many shells one shell exchanges with below it; nil for the usual number.
    private(set) var fanOut: Int?
    /// Whether the task map is among the keys.
    private(set) var hasMapping = true

    /// - Throws: ``ShellExit`` that names the option.
    init(_ options: ShellOptions) throws(ShellExit) {
        var words = "simple"
        if let value = options["pmi"] {
            guard let text = value.stringValue else { throw Self.refusal("pmi: expected string, found \(value.typeName)") }
            words = text
        }
        let names = words.split(separator: ",").map { $0.lowercased() }
        isEnabled =
            !names.contains("off") && !names.contains("none")
            && names.contains { ["simple", "pmi1", "pmi2"].contains($0) }
        guard let simple = options["pmi-simple"] else { return }
        let fields = try Self.table(simple, "pmi-simple", ["exchange", "kvs", "nomap"])
        if let exchange = fields["exchange"] {
            let value = try Self.table(exchange, "pmi-simple.exchange", ["k"])["k"]
            fanOut = try value.map { json throws(ShellExit) in Int(clamping: try Self.integer(json, "exchange.k")) }
        }
        if let nomap = fields["nomap"] { hasMapping = try Self.integer(nomap, "nomap") == 0 }
        // The other kind, "native", stores every key in the KVS; it gives tasks the same answers.
        if let kvs = fields["kvs"], !["exchange", "native"].contains(kvs.stringValue) {
            throw Self.refusal("Unknown kvs implementation \(kvs.stringValue ?? kvs.text)")
        }
    }

    private static func table(_ json: JSON, _ name: String, _ keys: Set<String>) throws(ShellExit) -> JSON.Object {
        guard let object = json.objectValue else { throw refusal("\(name): expected object, found \(json.typeName)") }
        let others = object.keys.filter { !keys.contains($0) }
        guard others.isEmpty else {
            throw refusal("\(name): \(others.count) object item(s) left unpacked: \(others.joined(separator: ", "))")
        }
        return object
    }

    private static func integer(_ json: JSON, _ name: String) throws(ShellExit) -> Int64 {
        guard let number = json.intValue else {
            throw refusal("pmi-simple.\(name): expected integer, found \(json.typeName)")
        }
        return number
    }

    private static func refusal(_ text: String) -> ShellExit { ShellExit(1, text, component: "pmi-simple") }

    /// What the first of so many shells says about the fan-out; nil when nothing was asked for.
    func note(shellCount: Int) -> String? {
        guard let fanOut, fanOut > 0 else { return nil }
        return fanOut > shellCount
            ? "requested exchange fanout too large, using k=\(shellCount)" : "using k=\(fanOut)"
    }
}
