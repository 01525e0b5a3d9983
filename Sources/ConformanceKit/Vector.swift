public import FluxJSON

/// One case of a vector file: an operation, its input and what must come out.
public struct Vector: Sendable {
    /// Folder the case is in, `rfc22-idset`.
    public let folder: String
    /// Name of its file, `decode.json`.
    public let file: String
    /// Number of the RFC, as the file says.
    public let rfc: Int
    /// Unique name, `rfc22-decode-0033`.
    public let id: String
    /// Operation, a word of the table in the vectors' README.
    public let op: String
    /// Arguments of the operation.
    public let input: JSON.Object
    /// What must come out.
    public let expectation: Expectation
    /// The case as written, with origin, notes and disagreements.
    public let source: JSON.Object

    /// What a case demands.
    public enum Expectation: Hashable, Sendable {
        /// This result.
        case result(JSON)
        /// A failure; the kind is advisory.
        case failure(kind: String?)
    }
}

extension Vector: CustomStringConvertible {
    /// Address of the case: `rfc22-idset/decode.json: rfc22-decode-0033`.
    public var description: String { "\(folder)/\(file): \(id)" }
}

extension Vector {
    /// Reads one member of `cases`.
    init(json: JSON, folder: String, file: String, rfc: Int) throws(PayloadError) {
        let object = try json.requireObject()
        self.folder = folder
        self.file = file
        self.rfc = rfc
        self.id = try object.string("id")
        self.op = try object.string("op")
        self.input = try object.object("input")
        if try object.optionalBool("error") == true {
            self.expectation = .failure(kind: try object.optionalString("error_kind"))
        } else {
            self.expectation = .result(try object.value("expect"))
        }
        self.source = object
    }
}
