public import FluxJSON

/// What this project offers for one folder of vectors: the glue between vector operations and a format module.
///
/// One file per folder, `Operations/RFC22Operations.swift`, and one line in `Registry.swift`.
public protocol Operations: Sendable {
    /// Name of the vector folder, `rfc22-idset`.
    static var folder: String { get }

    /// Carries out one operation of the vectors' README.
    ///
    /// - Returns: the result to compare with `expect`; nil when this operation is not offered.
    /// - Throws: when the operation fails, which is what a case with `"error": true` expects.
    static func run(_ op: String, _ input: JSON.Object) throws -> JSON?

    /// Compares a result in a way of its own, for operations whose results have freedom (order, volatile members).
    ///
    /// - Returns: nil for the ordinary comparison, see ``Comparison``.
    static func matches(_ op: String, expected: JSON, actual: JSON) -> Bool?
}

extension Operations {
    /// The ordinary comparison.
    public static func matches(_ op: String, expected: JSON, actual: JSON) -> Bool? { nil }
}
