internal import Client
internal import FluxJSON
internal import RFC03Message
internal import Service

extension Broker {
    /// `config.*`.
    ///
    /// Source: broker-protocol 6.5 (observed: flux-core 0.88).
    static let configMethods: [String: BrokerMethod] = [
        "config.get": BrokerMethod(.anyUser) { broker, request in
            guard request.flags.contains(.streaming) else { return .json(broker.configuration) }
            broker.configFollowers.add(request, true)
            broker.respond(to: request, .json(broker.configuration))
            return .deferred
        },
        "config.load": BrokerMethod { broker, request in
            try broker.requireLeader()
            let new = try request.decodeJSON()
            broker.changeConfiguration(new, request)
            return .deferred
        },
        "config.reload": BrokerMethod { broker, request in
            try broker.requireLeader()
            guard let reread = broker.settings.reloadConfiguration else {
                throw ServiceError(errnum: Errno.invalid, text: "Config path is not set, cannot reload")
            }
            broker.changeConfiguration(try reread(), request)
            return .deferred
        },
        "config.disconnect": BrokerMethod(.everyone) { broker, request in
            _ = broker.configFollowers.disconnect(by: request)
            return .deferred
        },
    ]

    private func requireLeader() throws(ServiceError) {
        guard rank == 0 else {
            throw ServiceError(errnum: Errno.invalid, text: "configuration can only be changed on rank 0")
        }
    }

    private func changeConfiguration(_ new: JSON, _ request: Message) {
        Task {
            if let refusal = await updateConfiguration(new) {
                respond(to: request, errnum: refusal.errnum, refusal.text)
            } else {
                respond(to: request, .empty)
            }
        }
    }

    /// Offers a configuration to every module in turn; when one refuses, those before it get the old one back.
    func updateConfiguration(_ new: JSON) async -> ServiceError? {
        guard new != configuration else { return nil }
        let policy: AccessPolicy
        do {
            policy = try AccessPolicy(configuration: new)
        } catch {
            return ServiceError(errnum: error.errnum, text: "error updating connector-local: \(error)")
        }
        let limits: TorpidLimits
        do {
            limits = try TorpidLimits(configuration: new, attributes: attributes)
        } catch {
            return ServiceError(errnum: error.errnum, text: "error updating overlay: \(error)")
        }
        let old = configuration
        var changed: [String] = []
        for module in modules.all where module.status == .running {
            do {
                try await flux.rpc("\(module.name).config-reload", new, nodeID: rank)
                changed.append(module.name)
            } catch where error.errnum == Errno.noSystem {
                continue
            } catch {
                for name in changed { _ = try? await flux.rpc("\(name).config-reload", old, nodeID: rank) }
                return ServiceError(errnum: error.errnum, text: "error updating \(module.name): \(error)")
            }
        }
        configuration = new
        noteAccess(policy)
        attributes.put("tbon.torpid_min", "\(limits.minimum)")
        attributes.put("tbon.torpid_max", "\(limits.maximum)")
        network.setTorpidLimits(limits)
        for (_, entry) in configFollowers.all { respond(to: entry.request, .json(new)) }
        return nil
    }
}
