import Client
import FluxJSON
import RFC33Queue
import Service

/// The `[ingest]` table and the arguments of the module.
///
/// Source: observed: flux-core 0.88.
struct IngestSettings: Hashable, Sendable {
    /// How many jobs make a batch; 0 for as many as come while the one before is under way.
    var batchLimit = 0
    /// Checks of a jobspec, by the names of the plug-ins that make them elsewhere; nil for the usual one.
    var plugins: [String]?
    /// What the plug-ins are told.
    var validatorArguments: [String]?
    /// The only version of a jobspec that is accepted; nil for any.
    private(set) var requiredVersion: Int64? = 1
    /// Which jobs have to be instances; nil without the plug-in.
    private(set) var instanceRequirement: InstanceRequirement?
    var isDisabled = false
    /// Whether user root may submit to an instance of another user.
    var allowsRootJobs = false
    /// The highest rank that gives ids to jobs, below 16384; submissions on others go towards rank 0.
    var maximumGenerator: UInt32 = 16383
    /// The size that the configuration names for the buffers of worker processes, which are not there.
    var bufferSize: String?

    var validatesJobspecs: Bool { !isDisabled && (plugins ?? ["jobspec"]).contains("jobspec") }
    var checksFeasibility: Bool { !isDisabled && plugins?.contains("feasibility") ?? false }

    /// The line that the log has of it.
    var description: String {
        let plugins = plugins?.joined(separator: ",") ?? "(null)"
        let arguments = validatorArguments?.joined(separator: ",") ?? "(null)"
        return "configuring validator with plugins=\(plugins), args=\(arguments) "
            + (isDisabled ? "(disabled)" : "(enabled)")
    }

    /// - Parameter arguments: they count more than the configuration.
    /// - Throws: EINVAL with the key or argument that is wrong.
    init(configuration: JSON, arguments: [String]) throws(ServiceError) {
        do throws(QueueConfiguration.Failure) {
            try QueueConfiguration.validate(configuration)
        } catch {
            throw Self.refusal(error.description)
        }
        if let ingest = configuration["ingest"] { try read(ingest) }
        for argument in arguments { try read(argument) }
        try choosePlugins(configuration["ingest"]?["validator"]?["require-instance"])
        if let bufferSize, !Self.isSize(bufferSize) { throw Self.refusal("Invalid buffer-size: '\(bufferSize)'") }
    }

    /// The plug-ins of the validator that are built in.
    static let knownPlugins: Set = ["jobspec", "feasibility", "require-instance"]

    private mutating func choosePlugins(_ table: JSON?) throws(ServiceError) {
        guard !isDisabled else { return }
        if let other = plugins?.first(where: { !Self.knownPlugins.contains($0) }) {
            throw Self.refusal(
                "validator plugin '\(other)' is not built in: known are jobspec, feasibility and require-instance")
        }
        var numbers: [String: Int64] = [:]
        for key in ["minnodes", "mincores"] { numbers[key] = table?[key]?.intValue }
        for argument in validatorArguments ?? [] {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            let value = parts.count > 1 ? parts[1] : ""
            switch parts.first {
            case "--require-version":
                guard value == "1" || value == "any" else {
                    throw Self.refusal("Invalid argument to --require-version: '\(value)': expected 1 or any")
                }
                requiredVersion = value == "any" ? nil : 1
            case "--require-instance-minnodes": numbers["minnodes"] = Int64(value)
            case "--require-instance-mincores": numbers["mincores"] = Int64(value)
            default: throw Self.refusal("unknown validator argument '\(argument)'")
            }
        }
        if plugins?.contains("require-instance") == true {
            instanceRequirement = InstanceRequirement(nodes: numbers["minnodes"] ?? 0, cores: numbers["mincores"] ?? 0)
        }
    }

    private static func refusal(_ text: String) -> ServiceError { ServiceError(errnum: Errno.invalid, text: text) }

    private mutating func read(_ ingest: JSON) throws(ServiceError) {
        func wrong(_ text: String) -> ServiceError {
            Self.refusal("error reading [ingest] config table: \(text)")
        }
        guard let table = ingest.objectValue else { throw wrong("must be a table") }
        if let value = table["batch-count"] {
            guard let count = value.intValue, count >= 0 else { throw wrong("batch-count must be a number from 0") }
            batchLimit = Int(clamping: count)
        }
        if let value = table["buffer-size"] {
            guard let text = value.stringValue else { throw wrong("buffer-size must be a string") }
            bufferSize = text
        }
        for name in ["validator", "frobnicator"] {
            guard let entry = table[name] else { continue }
            guard let fields = entry.objectValue else { throw wrong("\(name) must be a table") }
            let words = (plugins: try Self.strings(fields, "plugins", name), try Self.strings(fields, "args", name))
            guard fields["disable"]?.boolValue != nil || fields["disable"] == nil else {
                throw wrong("\(name).disable must be a boolean")
            }
            // What else is there is a table for a plug-in.
            for (key, value) in fields where !["plugins", "args", "disable"].contains(key) && value.objectValue == nil {
                throw Self.refusal("[ingest.\(name)]: '\(key)' key is unknown")
            }
            guard name == "validator" else { continue }
            (plugins, validatorArguments) = words
            isDisabled = fields["disable"]?.boolValue ?? false
        }
    }

    private static func strings(
        _ fields: JSON.Object, _ key: String, _ place: String
    ) throws(ServiceError) -> [String]? {
        guard let value = fields[key] else { return nil }
        let words = value.arrayValue?.compactMap(\.stringValue)
        guard let words, words.count == value.arrayValue?.count else {
            throw refusal("error in [ingest.\(place)] \(key) array")
        }
        return words
    }

    private mutating func read(_ argument: String) throws(ServiceError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let value = parts.count > 1 ? parts[1] : nil
        switch (parts[0], value) {
        case ("validator-plugins", let text?): plugins = text.split(separator: ",").map(String.init)
        case ("validator-args", let text?): validatorArguments = text.split(separator: ",").map(String.init)
        case ("disable-validator", nil): isDisabled = true
        case ("allow-root-jobs", nil): allowsRootJobs = true
        case ("buffer-size", let text?): bufferSize = text
        case ("batch-count", let text?):
            guard let count = Int(text), count >= 0 else { throw Self.refusal("Invalid batch-count: \(argument)") }
            batchLimit = count
        case ("max-fluid-generator-id", let text?):
            guard let number = UInt32(text), number < 16384 else {
                throw Self.refusal("Invalid max-fluid-generator-id: '\(text)'")
            }
            maximumGenerator = number
        default: throw Self.refusal("Invalid option: \(argument)")
        }
    }

    /// Whether a text is a number of bytes with an optional unit.
    private static func isSize(_ text: String) -> Bool {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        return Double(digits) != nil && ["", "k", "K", "m", "M", "g", "G"].contains(text.dropFirst(digits.count))
    }
}
