public import FluxJSON
import RFC21JobStates
import RFC22Idset
import RFC29Hostlist

extension JobConstraint {
    /// So deep may constraints stand inside each other.
    private static let depthLimit = 500

    /// Reads a constraint; nil and an empty object match everything.
    ///
    /// - Throws: ``JobListError`` (EPROTO) with flux-core's text.
    public init(json: JSON?, in environment: Environment = Environment()) throws(JobListError) {
        self = try Self.parse(json, environment, depth: 0)
    }

    private static func refuse(_ text: String) -> JobListError { JobListError(errno: 71, text) }

    private static func parse(_ json: JSON?, _ environment: Environment, depth: Int) throws(JobListError)
        -> JobConstraint
    {
        guard let json else { return .everything }
        guard depth < depthLimit else { throw refuse("constraint is nested too deeply") }
        guard let fields = json.objectValue else { throw refuse("constraint must be JSON object") }
        guard fields.count <= 1 else { throw refuse("constraint must only contain 1 element") }
        for (name, value) in fields {
            guard let values = value.arrayValue else { throw refuse("operator \(name) values not an array") }
            switch name {
            case "userid":
                var users: [UInt32] = []
                for value in values {
                    guard let id = value.intValue else { throw refuse("userid value must be an integer") }
                    guard let user = id == -1 ? .max : UInt32(exactly: id) else {
                        throw refuse("userid value out of range")
                    }
                    users.append(user)
                }
                return .users(users)
            case "name": return .names(try strings(values, name))
            case "queue": return .queues(try strings(values, name))
            case "states":
                return .states(JobStates(rawValue: try bits(values, name, all: 127) { JobStates(name: $0)?.rawValue }))
            case "results":
                return .results(JobResults(rawValue: try bits(values, name, all: 15) { JobResult(name: $0)?.rawValue }))
            case "hostlist": return .hosts(try hosts(values, environment))
            case "ranks": return .ranks(try ranks(values, environment))
            case "and", "or", "not":
                var children: [JobConstraint] = []
                for value in values { children.append(try parse(value, environment, depth: depth + 1)) }
                return name == "and" ? .and(children) : name == "or" ? .or(children) : .not(children)
            default:
                guard name.hasPrefix("t_"), let time = JobAttribute(rawValue: name) else {
                    throw refuse("unknown constraint operator: \(name)")
                }
                return try timestamp(time, values)
            }
        }
        return .everything
    }

    private static func strings(_ values: [JSON], _ name: String) throws(JobListError) -> [String] {
        var result: [String] = []
        for value in values {
            guard let text = value.stringValue else { throw refuse("\(name) value must be a string") }
            result.append(text)
        }
        return result
    }

    private static func bits(
        _ values: [JSON], _ name: String, all: Int64, _ named: (String) -> UInt32?
    ) throws(JobListError) -> UInt32 {
        var result: UInt32 = 0
        for value in values {
            switch value {
            case .string(let text):
                guard let bits = named(text) else { throw refuse("invalid \(name) value '\(text)' specified") }
                result |= bits
            case .int(let number):
                guard number & ~all == 0, let bits = UInt32(exactly: number) else {
                    let hex = String(UInt32(truncatingIfNeeded: number), radix: 16, uppercase: true)
                    throw refuse("invalid \(name) value '\(hex)h' specified")
                }
                result |= bits
            default: throw refuse("\(name) value invalid type")
            }
        }
        return result
    }

    private static func hosts(_ values: [JSON], _ environment: Environment) throws(JobListError) -> Hostlist {
        let texts = try strings(values, "host")
        guard let list = try? Hostlist(parsing: texts.joined(separator: ",")) else {
            throw refuse("host value not in valid Hostlist format")
        }
        guard list.count <= environment.hostLimit else { throw refuse("too many hosts specified") }
        return list
    }

    private static func ranks(_ values: [JSON], _ environment: Environment) throws(JobListError) -> Idset {
        var result = Idset()
        for text in try strings(values, "ranks") {
            do { result.formUnion(try Idset(parsing: text)) } catch {
                throw refuse("ranks value '\(text)': error parsing range '\(text)'")
            }
        }
        guard result.count <= environment.hostLimit else { throw refuse("too many ranks specified") }
        return result
    }

    private static func timestamp(_ time: JobAttribute, _ values: [JSON]) throws(JobListError) -> JobConstraint {
        guard let value = values.first else { throw refuse("timestamp value not specified") }
        guard let text = value.stringValue else { throw refuse("\(time.rawValue) value must be a string") }
        let comparisons: [Comparison] = [.atLeast, .atMost, .after, .before]
        guard let comparison = comparisons.first(where: { text.hasPrefix($0.rawValue) }) else {
            throw refuse("timestamp comparison operator not specified")
        }
        guard let seconds = Double(text.dropFirst(comparison.rawValue.count)), !seconds.isNaN else {
            throw refuse("Invalid timestamp value specified")
        }
        guard seconds >= 0 else { throw refuse("timestamp value must be >= 0.0") }
        return .time(time, comparison, seconds)
    }
}
