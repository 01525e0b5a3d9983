public import FluxJSON
import RFC22Idset
public import RFC31Constraint

extension ResourceRequest {
    /// Why a jobspec does not say what the job needs.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The kinds of mistakes.
        public enum Reason: Hashable, Sendable {
            /// No slot, no size of a slot, no duration.
            case missing
            /// A value of another JSON type.
            case wrongType
            /// A count that counts nothing, or an unknown operator.
            case invalidCount
            /// A constraint that cannot be read.
            case constraint(ConstraintError.Reason)
            /// More resources inside each other than the limit.
            case tooDeep
        }

        /// What is wrong.
        public let reason: Reason
        /// One sentence for a person; the texts are those of flux-core's schedulers.
        public let description: String

        package init(_ reason: Reason, _ description: String) {
            self.reason = reason
            self.description = description
        }
    }

    /// Reads the needs of a job from its jobspec.
    ///
    /// Walks the resources and looks for nodes, slots, cores and GPUs; resources of other types multiply the nodes below
    /// them and are ignored otherwise. Counts are numbers, ranges (RFC 14) or their texts (RFC 45).
    ///
    /// - Throws: ``ParseError``; the scheduler denies the job with its text.
    public init(jobspec: JSON) throws(ParseError) {
        let shape = try Shape(jobspec: jobspec)
        guard let slots = shape.slots else { throw ParseError(.missing, "Unable to determine slot count") }
        guard let slotSize = shape.slotSize else { throw ParseError(.missing, "Unable to determine slot size") }
        self.init(
            nodeCount: shape.nodes?.scaled(by: shape.nodeFactor), slotCount: slots, slotSize: slotSize,
            gpusPerSlot: shape.gpusPerSlot, isExclusive: shape.isExclusive, constraint: shape.constraint,
            duration: shape.duration)
    }

    /// What a walk through the resources of a jobspec finds.
    package struct Shape {
        package var nodes: Count?
        package var slots: Count?
        package var slotSize: Int?
        package var gpusPerSlot = 0
        package var isExclusive = false
        /// Product of the counts above the nodes.
        package var nodeFactor = 1
        package var isSlotAboveNode = false
        /// Type of an exclusive vertex without children that is not one of the known types.
        package var container: String?
        package var constraint: Constraint?
        package var duration: Double = 0

        /// How deeply resources may be nested.
        static let depthLimit = 100

        package init(jobspec: JSON) throws(ParseError) {
            guard let resources = jobspec["resources"]?.arrayValue, !resources.isEmpty else {
                throw ParseError(.missing, "jobspec has no resources")
            }
            try walk(resources, factor: 1, depth: 0)
            let system = jobspec["attributes"]?["system"]
            if jobspec["version"]?.intValue == 1 {
                guard let system else { throw ParseError(.missing, "getting duration: Object item not found: system") }
                guard let duration = system["duration"], !duration.isNull else {
                    throw ParseError(.missing, "getting duration: Object item not found: duration")
                }
            }
            if let value = system?["duration"], !value.isNull {
                guard let seconds = value.numberValue else {
                    throw ParseError(.wrongType, "duration: expected number, found \(value.typeName)")
                }
                duration = seconds
            }
            if let json = system?["constraints"], !json.isNull, json.objectValue?.isEmpty != true {
                do { constraint = try Constraint(json: json) } catch { throw ParseError(.constraint(error.reason), error.description) }
            }
        }

        private mutating func walk(_ resources: [JSON], factor: Int, depth: Int) throws(ParseError) {
            guard depth <= Self.depthLimit else {
                throw ParseError(.tooDeep, "jobspec resource nesting exceeds maximum depth \(Self.depthLimit)")
            }
            for vertex in resources {
                let type = vertex["type"]?.stringValue ?? ""
                let count = try Count(json: vertex["count"] ?? 1)
                let children = vertex["with"]?.arrayValue ?? []
                let isExclusive = vertex["exclusive"]?.boolValue ?? false
                var factorBelow = factor
                if type == "node" {
                    nodes = count
                    nodeFactor = factor
                    if slots != nil { isSlotAboveNode = true }
                    if isExclusive { self.isExclusive = true }
                } else {
                    factorBelow = factor.multipliedClamped(by: count.minimum)
                    switch type {
                    case "slot":
                        slots = count
                        if isExclusive { self.isExclusive = true }
                    case "core": slotSize = count.minimum
                    case "gpu": gpusPerSlot = count.minimum
                    default: if isExclusive, children.isEmpty { container = type }
                    }
                }
                try walk(children, factor: factorBelow, depth: depth + 1)
            }
        }
    }
}

extension ResourceRequest.Count {
    /// Reads a count: a number, `{"min", "max", "operator", "operand"}` or a text such as `2-8`, `4+`, `2-8:2:*`, `1,3`.
    ///
    /// - Throws: ``ResourceRequest/ParseError`` for counts less than 1, empty ranges and ranges that cannot be counted.
    public init(json: JSON) throws(ResourceRequest.ParseError) {
        switch json {
        case .int(let value): try self.init(Self.bound(value, "integer count"), Self.bound(value, "integer count"))
        case .string(let text): try self.init(text: text)
        case .object(let object): try self.init(object: object)
        default:
            throw ResourceRequest.ParseError(.wrongType, "RFC 14 count: expected integer, object or string, found \(json.typeName)")
        }
    }

    private init(object: JSON.Object) throws(ResourceRequest.ParseError) {
        func number(_ key: String) throws(ResourceRequest.ParseError) -> Int64? {
            guard let value = object[key] else { return nil }
            guard let number = value.intValue else {
                throw ResourceRequest.ParseError(.wrongType, "RFC 14 count: \(key): expected integer, found \(value.typeName)")
            }
            return number
        }
        try self.init(
            from: try number("min") ?? 1, to: try number("max"), step: try number("operand") ?? 1,
            by: object["operator"]?.stringValue ?? "+")
    }

    private init(text: String) throws(ResourceRequest.ParseError) {
        var text = Substring(text)
        if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let step = parts.count > 1 ? try Self.number(parts[1]) : 1
        let symbol = parts.count > 2 ? String(parts[2]) : "+"
        if parts[0].hasSuffix("+") {
            try self.init(from: try Self.number(parts[0].dropLast()), to: nil, step: step, by: symbol)
        } else if parts[0].contains(",") {
            guard parts.count == 1, let ids = try? Idset(parsing: String(text)), let first = ids.first,
                let last = ids.last
            else { throw ResourceRequest.ParseError(.invalidCount, "invalid count '\(text)'") }
            self.init(try Self.bound(Int64(first), "min"), Int(last), isDiscrete: true)
        } else {
            let ends = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            let first = try Self.number(ends[0])
            try self.init(from: first, to: ends.count > 1 ? try Self.number(ends[1]) : first, step: step, by: symbol)
        }
    }

    private init(
        from first: Int64, to last: Int64?, step: Int64, by symbol: String
    ) throws(ResourceRequest.ParseError) {
        let minimum = try Self.bound(first, "min")
        let isStepped = symbol != "+" || step != 1
        guard let last else {
            guard !isStepped else {
                throw ResourceRequest.ParseError(
                    .invalidCount, "RFC 14 unbounded count with operator='\(symbol)' operand=\(step) "
                        + "cannot be expanded to a finite set")
            }
            self.init(minimum, nil)
            return
        }
        guard last >= first else {
            throw ResourceRequest.ParseError(.invalidCount, "RFC 14 count: max must be >= min, got max=\(last) min=\(first)")
        }
        if isStepped { try Self.check(step, symbol, first) }
        self.init(minimum, Int(last), isDiscrete: isStepped)
    }

    private static func check(_ step: Int64, _ symbol: String, _ first: Int64) throws(ResourceRequest.ParseError) {
        switch symbol {
        case "+":
            if step < 1 {
                throw ResourceRequest.ParseError(.invalidCount, "RFC 14 count: additive operator requires operand > 0, got \(step)")
            }
        case "*", "^":
            if step < 2 {
                throw ResourceRequest.ParseError(
                    .invalidCount, "RFC 14 count: operator '\(symbol)' requires operand > 1, got \(step)")
            }
            if symbol == "^", first < 2 {
                throw ResourceRequest.ParseError(.invalidCount, "RFC 14 count: operator '^' requires min >= 2, got \(first)")
            }
        default: throw ResourceRequest.ParseError(.invalidCount, "RFC 14 count: operator '\(symbol)' is not supported")
        }
    }

    private static func bound(_ value: Int64, _ what: String) throws(ResourceRequest.ParseError) -> Int {
        guard value >= 1 else { throw ResourceRequest.ParseError(.invalidCount, "RFC 14 count: \(what) must be >= 1, got \(value)") }
        return Int(value)
    }

    private static func number(_ text: Substring) throws(ResourceRequest.ParseError) -> Int64 {
        guard let value = Int64(text) else { throw ResourceRequest.ParseError(.invalidCount, "invalid count '\(text)'") }
        return value
    }
}
