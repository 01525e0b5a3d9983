package import FluxJSON

/// What a broker tells the others about itself: `{"host":"a0","uri":["ipc://…"],"pubkey":"…"}`.
///
/// Source: broker-protocol 3.2 (observed: flux-core 0.88).
package struct BusinessCard: Hashable, Sendable {
    package let host: String
    /// Endpoints that children may connect to; empty on leaves.
    package let endpoints: [String]
    package let publicKey: String?

    package init(host: String, endpoints: [String], publicKey: String?) {
        self.host = host
        self.endpoints = endpoints
        self.publicKey = publicKey
    }

    package init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        host = try object.string("host")
        endpoints = try object.array("uri").compactMap(\.stringValue)
        publicKey = try object.optionalString("pubkey")
    }

    package var json: JSON {
        var object: JSON.Object = ["host": .string(host), "uri": .array(endpoints.map { .string($0) })]
        if let publicKey { object["pubkey"] = .string(publicKey) }
        return .object(object)
    }
}
