public import FluxJSON

/// How many of each type a jobspec asks for in all, with the counts of the ancestors multiplied.
///
/// ```swift
/// try ResourceTotals(resources)["core"]     // 18
/// ```
public struct ResourceTotals: Hashable, Sendable {
    /// Types in the order of their first occurrence.
    public private(set) var types: [String] = []
    private var counts: [String: Int64] = [:]

    /// Adds up the tree below `resources`.
    ///
    /// - Throws: when a count is no integer or the sum does not fit.
    public init(_ resources: JSON) throws(JobspecError) { try add(resources, factor: 1) }

    /// Total of a type; 0 when it does not occur.
    public subscript(type: String) -> Int64 { counts[type] ?? 0 }

    private mutating func add(_ resources: JSON, factor: Int64) throws(JobspecError) {
        for vertex in resources.arrayValue ?? [] {
            guard let type = vertex["type"]?.stringValue, let count = vertex["count"]?.looseInteger else {
                throw JobspecError("resource count must be an integer", .wrongType)
            }
            let (product, overflow) = factor.multipliedReportingOverflow(by: count)
            let (sum, carry) = self[type].addingReportingOverflow(product)
            guard !overflow, !carry else { throw JobspecError("resource counts are too large", .tooLarge) }
            if counts.updateValue(sum, forKey: type) == nil { types.append(type) }
            if let with = vertex["with"] { try add(with, factor: product) }
        }
    }

    /// The totals as an object.
    public var json: JSON { .object(JSON.Object(types.map { ($0, .int(self[$0])) })) }
}

extension JSON {
    /// An integer as Python sees it: true is 1.
    var looseInteger: Int64? {
        switch self {
        case .int(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }
}
