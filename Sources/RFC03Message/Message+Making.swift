public import FluxJSON

extension Message {
    /// A request with a JSON payload or none.
    ///
    /// The flag `route` is set as clients do, so that the response finds its way.
    public static func request(
        _ topic: String, json: JSON? = nil, nodeID: UInt32 = anyNode, matchtag: UInt32 = 0, flags: Flags = []
    ) -> Message {
        var message = request(topic, payload: nil, nodeID: nodeID, matchtag: matchtag, flags: flags)
        message.carry(json)
        return message
    }

    /// A request with raw payload bytes.
    public static func request(
        _ topic: String, payload: [UInt8]?, nodeID: UInt32 = anyNode, matchtag: UInt32 = 0, flags: Flags = []
    ) -> Message {
        var message = Message(.request, flags: flags.union(.route))
        message.topic = topic
        message.payload = payload
        message.nodeID = nodeID
        message.matchtag = matchtag
        return message
    }

    /// An event that has not been published yet (sequence 0).
    public static func event(_ topic: String, json: JSON? = nil) -> Message {
        var message = event(topic, payload: nil)
        message.carry(json)
        return message
    }

    /// An event with raw payload bytes.
    public static func event(_ topic: String, payload: [UInt8]?) -> Message {
        var message = Message(.event)
        message.topic = topic
        message.payload = payload
        return message
    }

    /// A control message.
    public static func control(type: UInt32, status: UInt32) -> Message {
        var message = Message(.control)
        message.controlType = type
        message.controlStatus = status
        return message
    }

    /// The successful response to this request, with a JSON payload or none.
    public func response(json: JSON? = nil) -> Message {
        var message = response(payload: nil)
        message.carry(json)
        return message
    }

    /// The successful response to this request with raw payload bytes.
    ///
    /// Routes, topic, flags and matchtag are those of the request; the credentials are left to the connector.
    public func response(payload: [UInt8]?) -> Message {
        var message = self
        message.kind = .response
        message.credentials = .unknown
        message.errnum = 0
        message.payload = payload
        return message
    }

    /// The response that tells that this request failed.
    ///
    /// - Parameters:
    ///   - errnum: error number in Linux' numbering, not 0.
    ///   - text: what the user will read; nil when the number says enough.
    public func errorResponse(_ errnum: Int32, _ text: String? = nil) -> Message {
        var message = response(payload: text.map { Self.textPayload($0) })
        message.errnum = UInt32(bitPattern: errnum)
        return message
    }

    // MARK: payloads

    /// The bytes of a JSON payload: the compact text and a NUL byte.
    public static func jsonPayload(_ json: JSON) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128)
        json.append(to: &bytes)
        bytes.append(0)
        return bytes
    }

    /// The bytes of a text payload: the text and a NUL byte.
    public static func textPayload(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 1)
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
        return bytes
    }

    /// The payload as text up to the first NUL byte; nil when there is none, it does not end with NUL or is not UTF-8.
    public var payloadText: String? {
        guard let payload, payload.last == 0, let end = payload.firstIndex(of: 0) else { return nil }
        return String(validating: payload[..<end], as: UTF8.self)
    }

    /// The payload as a JSON object.
    ///
    /// - Throws: ``PayloadFailure``; a service answers such a request with EPROTO.
    public func decodeJSON() throws(PayloadFailure) -> JSON {
        if case .json(let document) = storedPayload {
            guard case .object = document.value else { throw .notAnObject }
            return document.value
        }
        guard let payload else { throw .missing }
        guard payload.last == 0 else { throw .notText }
        let json: Result<JSON, JSON.ParseError> = payload.withUnsafeBytes { bytes in
            var count = 0
            while bytes[count] != 0 { count &+= 1 }
            do throws(JSON.ParseError) {
                return .success(try JSON(parsing: UnsafeRawBufferPointer(rebasing: bytes[..<count])))
            } catch {
                return .failure(error)
            }
        }
        switch json {
        case .success(.object(let object)): return .object(object)
        case .success: throw .notAnObject
        case .failure(let error): throw .notJSON(error)
        }
    }

    /// Why a payload is not a JSON object.
    public enum PayloadFailure: Error, Hashable, Sendable, CustomStringConvertible {
        /// There is no payload.
        case missing
        /// It does not end with a NUL byte.
        case notText
        /// It is not JSON.
        case notJSON(JSON.ParseError)
        /// It is another JSON value.
        case notAnObject

        public var description: String {
            switch self {
            case .missing: "message has no payload"
            case .notText: "payload does not end with a NUL byte"
            case .notJSON(let error): "payload: \(error)"
            case .notAnObject: "payload is not a JSON object"
            }
        }
    }
}
