public import FluxJSON

extension JobEvent {
    /// Reads an event.
    ///
    /// - Parameters:
    ///   - name: the name of the entry.
    ///   - context: nil when the entry has none.
    /// - Throws: when a key that decides about the state is missing or of another type. Keys that only inform are
    ///   optional, as they are to flux-core.
    public init(name: String, context: JSON.Object?) throws(PayloadError) {
        let fields = context ?? JSON.Object()
        switch name {
        case "submit":
            self = .submit(
                userID: try fields.int("userid"), urgency: try fields.int("urgency", as: Int32.self),
                flags: JobFlags(rawValue: try fields.int("flags", as: Int32.self)))
        case "validate": self = .validate
        case "invalidate": self = .invalidate
        case "set-flags":
            // A value that is no list sets nothing, as with flux-core.
            let isList = try fields.value("flags").arrayValue != nil
            self = .setFlags(isList ? try fields.strings("flags") : [])
        case "jobspec-update": self = .jobspecUpdate(fields)
        case "resource-update": self = .resourceUpdate(expiration: try Self.expiration(fields))
        case "dependency-add": self = .dependencyAdd(try fields.string("description"))
        case "dependency-remove": self = .dependencyRemove(try fields.string("description"))
        case "depend": self = .depend
        case "priority": self = .priority(try fields.int("priority"))
        case "urgency": self = .urgency(try fields.int("urgency", as: Int32.self), userID: fields["userid"]?.intValue)
        case "flux-restart": self = .fluxRestart
        case "memo":
            guard let context else { throw PayloadError(path: "", expected: "object", found: nil) }
            self = .memo(context)
        case "alloc":
            self = .alloc(
                annotations: fields["annotations"]?.objectValue, bypass: fields["bypass"]?.boolValue ?? false)
        case "prolog-start": self = .prologStart(description: fields["description"]?.stringValue)
        case "prolog-finish":
            self = .prologFinish(
                description: fields["description"]?.stringValue, status: fields["status"]?.intValue)
        case "start": self = .start
        case "finish": self = .finish(status: fields["status"]?.intValue)
        case "release":
            self = .release(ranks: fields["ranks"]?.stringValue, isFinal: try fields.bool("final"))
        case "epilog-start": self = .epilogStart(description: fields["description"]?.stringValue)
        case "epilog-finish":
            self = .epilogFinish(
                description: fields["description"]?.stringValue, status: fields["status"]?.intValue)
        case "free": self = .free
        case "clean": self = .clean
        case "exception": self = .exception(try JobException(json: .object(fields)))
        default: self = .other(name: name, context: context)
        }
    }

    /// The only change of R there is: seconds since 1970, not negative, alone in the context.
    private static func expiration(_ fields: JSON.Object) throws(PayloadError) -> JSON {
        guard fields.count == 1, let value = fields["expiration"], let seconds = value.numberValue, seconds >= 0 else {
            throw PayloadError(
                path: "expiration", expected: "number >= 0 and no other key", found: fields["expiration"])
        }
        return value
    }

    /// The context to write, nil when there is none. Key order is flux-core's.
    public var context: JSON.Object? {
        func described(_ description: String?, _ status: Int64?) -> JSON.Object {
            var fields = JSON.Object()
            if let description { fields["description"] = .string(description) }
            if let status { fields["status"] = .int(status) }
            return fields
        }
        switch self {
        case .submit(let userID, let urgency, let flags):
            return [
                "userid": .int(userID), "urgency": .int(Int64(urgency)), "flags": .int(Int64(flags.rawValue)),
                "version": 1,
            ]
        case .validate, .invalidate, .depend, .fluxRestart, .start, .free, .clean: return nil
        case .setFlags(let names): return ["flags": .array(names.map { .string($0) })]
        case .jobspecUpdate(let fields), .memo(let fields): return fields
        case .resourceUpdate(let expiration): return ["expiration": expiration]
        case .dependencyAdd(let text), .dependencyRemove(let text): return ["description": .string(text)]
        case .priority(let value): return ["priority": .int(value)]
        case .urgency(let value, let userID):
            var fields = JSON.Object()
            if let userID { fields["userid"] = .int(userID) }
            fields["urgency"] = .int(Int64(value))
            return fields
        case .alloc(let annotations, let bypass):
            var fields = JSON.Object()
            if let annotations { fields["annotations"] = .object(annotations) }
            if bypass { fields["bypass"] = true }
            return fields.isEmpty ? nil : fields
        case .prologStart(let description), .epilogStart(let description): return described(description, nil)
        case .prologFinish(let description, let status), .epilogFinish(let description, let status):
            return described(description, status)
        case .finish(let status): return status.map { ["status": .int($0)] }
        case .release(let ranks, let isFinal):
            var fields = JSON.Object()
            if let ranks { fields["ranks"] = .string(ranks) }
            fields["final"] = .bool(isFinal)
            return fields
        case .exception(let exception): return exception.json.objectValue
        case .other(_, let context): return context
        }
    }
}
