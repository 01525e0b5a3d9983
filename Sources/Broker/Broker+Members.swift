internal import Client
internal import RFC22Idset
internal import RFC29Hostlist

/// Which brokers are there, in words for the log. Rank 0 only.
extension Broker {
    /// Takes the new members of the group `broker.online`; who is missing from now on is named.
    func noteOnline(_ members: String) {
        guard members != onlineRanks else { return }
        let before = Idset(onlineRanks) ?? Idset()
        onlineRanks = members
        let now = Idset(members) ?? Idset()
        switch lifeCycle.state {
        case .run, .cleanup:
            let lost = before.subtracting(now)
            if !lost.isEmpty { note(.err, "dead to Flux: \(named(lost))") }
        default:
            if !now.isEmpty { note(.info, "online: \(hostnames(of: now)) (ranks \(now))") }
        }
    }

    /// The ranks that have not come online.
    var missingRanks: Idset {
        size == 0 ? Idset() : Idset(0...(size - 1)).subtracting(Idset(onlineRanks) ?? Idset())
    }

    /// `HOSTS (rank IDS)`
    func named(_ ranks: Idset) -> String { "\(hostnames(of: ranks)) (rank \(ranks))" }

    private func hostnames(of ranks: Idset) -> String {
        guard let text = attributes["hostlist"], let hosts = try? Hostlist(parsing: text) else { return "?" }
        let names = ranks.filter { Int($0) < hosts.count }.map { hosts[Int($0)] }
        return (try? Hostlist(hosts: names))?.description ?? names.joined(separator: ",")
    }
}
