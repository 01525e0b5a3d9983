import FluxJSON

/// The other end of an ``Adapter``: answers lines of JSON with our own modules.
///
/// With it the runner can ask itself in a process of its own, so that a case that ends the process costs one case and
/// not the run.
public enum Server {
    /// The answer to one line.
    public static func answer(to line: String) -> String {
        guard let request = try? JSON(parsing: line), let vector = try? Vector(request: request) else {
            return JSON.object(["id": .null, "error": "the request is not one of this protocol"]).text
        }
        var reply: JSON.Object = ["id": .string(vector.id)]
        switch OwnModules().answer(vector) {
        case .result(let value): reply["result"] = finite(value)
        case .failure(let message), .broken(let message): reply["error"] = .string(message)
        case .notOffered: reply["unsupported"] = true
        }
        return JSON.object(reply).text
    }

    /// Numbers that JSON cannot write as the texts that the vectors use for them.
    private static func finite(_ json: JSON) -> JSON {
        switch json {
        case .real(let value) where value.isNaN: "nan"
        case .real(let value) where value.isInfinite: value > 0 ? "inf" : "-inf"
        case .array(let array): .array(array.map(finite))
        case .object(let object): .object(JSON.Object(object.map { ($0.key, finite($0.value)) }))
        default: json
        }
    }
}

extension Vector {
    /// A case as an adapter is asked it: without what is expected.
    fileprivate init(request: JSON) throws(PayloadError) {
        let object = try request.requireObject()
        var source = object
        source["expect"] = .null
        try self.init(
            json: .object(source), folder: try object.string("folder"), file: "",
            rfc: Int(clamping: try object.int("rfc")))
    }
}
