import FluxJSON

/// Something that reads bytes from outside, to be fed with anything.
public struct FuzzTarget: Sendable {
    /// Name of the type that reads, `Idset`.
    public let name: String
    /// Folders of vectors whose texts are seeds.
    public let folders: [String]
    /// Reads the bytes. Refusing them is fine; the result is a complaint when what was read contradicts itself.
    let read: @Sendable (ArraySlice<UInt8>) -> String?

    /// Reads the bytes; see ``targets`` for what a complaint means.
    public func run(_ bytes: ArraySlice<UInt8>) -> String? { read(bytes) }
}

extension FuzzTarget {
    /// A reader of text. The bytes are repaired to UTF-8 first.
    static func text(_ name: String, _ folders: [String], _ read: @escaping @Sendable (String) throws -> Void)
        -> FuzzTarget
    {
        FuzzTarget(name: name, folders: folders) { bytes in
            try? read(String(decoding: bytes, as: UTF8.self))
            return nil
        }
    }

    /// A reader of text whose value prints a text that must read back as an equal value.
    static func roundTrip<Value: Equatable & SendableMetatype>(
        _ name: String, _ folders: [String], _ read: @escaping @Sendable (String) throws -> Value,
        _ print: @escaping @Sendable (Value) -> String
    ) -> FuzzTarget {
        FuzzTarget(name: name, folders: folders) { bytes in
            guard let value = try? read(String(decoding: bytes, as: UTF8.self)) else { return nil }
            let text = print(value)
            guard let again = try? read(text) else { return "prints \"\(text.prefix(200))\", which it does not read" }
            return again == value ? nil : "prints \"\(text.prefix(200))\", which it reads as another value"
        }
    }

    /// A reader of JSON values whose value gives JSON that must read back as an equal value.
    static func json<Value: Equatable & SendableMetatype>(
        _ name: String, _ folders: [String], _ read: @escaping @Sendable (JSON) throws -> Value,
        _ json: @escaping @Sendable (Value) -> JSON
    ) -> FuzzTarget {
        FuzzTarget(name: name, folders: folders) { bytes in
            guard let input = try? JSON(parsing: bytes), let value = try? read(input) else { return nil }
            let output = json(value)
            guard let again = try? read(output) else {
                return "gives \(output.text.prefix(200)), which it does not read"
            }
            return again == value ? nil : "gives \(output.text.prefix(200)), which it reads as another value"
        }
    }

    /// A reader of JSON values.
    static func json(_ name: String, _ folders: [String], _ read: @escaping @Sendable (JSON) throws -> Void)
        -> FuzzTarget
    {
        FuzzTarget(name: name, folders: folders) { bytes in
            if let input = try? JSON(parsing: bytes) { try? read(input) }
            return nil
        }
    }
}
