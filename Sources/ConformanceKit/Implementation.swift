public import FluxJSON

/// Something that can be asked to carry out the operations of the vectors.
public protocol Implementation: ~Copyable {
    /// Carries out the operation of a case.
    mutating func answer(_ vector: Vector) -> Answer
}

/// What an implementation said to a case.
public enum Answer: Sendable {
    /// The operation succeeded.
    case result(JSON)
    /// The operation failed, with the message for people.
    case failure(String)
    /// The operation is not offered.
    case notOffered
    /// There is no answer: the implementation itself broke down.
    case broken(String)
}

/// This project's own modules, called in this process.
public struct OwnModules: Implementation {
    public init() {}

    public func answer(_ vector: Vector) -> Answer {
        guard let operations = operations(folder: vector.folder, rfc: vector.rfc) else { return .notOffered }
        do {
            guard let result = try operations.run(vector.op, vector.input) else { return .notOffered }
            return .result(result)
        } catch {
            return .failure("\(error)")
        }
    }
}
