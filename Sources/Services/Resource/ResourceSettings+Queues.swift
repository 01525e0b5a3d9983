internal import Client
package import RFC20R
internal import RFC22Idset
internal import RFC29Hostlist
package import Service

extension ResourceSettings {
    /// Gives the nodes of each queue with `hosts` the property `+NAME`, and takes it from all others.
    ///
    /// - Throws: when a host is unknown or a queue has none.
    /// - Source: RFC 33, "Queue Membership and Resource Properties".
    package func markQueues(in set: inout ResourceSet) throws(ServiceError) {
        for (name, hosts) in queueHosts.sorted(by: { $0.key < $1.key }) {
            set.removeProperty("+" + name, ranks: set.ranks)
            do {
                let ranks = hosts == "all" ? set.ranks : try set.ranks(ofHosts: hosts)
                guard !ranks.isEmpty else {
                    throw ServiceError(errnum: Errno.invalid, text: "queues.\(name).hosts: no hosts")
                }
                try set.setProperty("+" + name, ranks: ranks)
            } catch let error as ServiceError {
                throw error
            } catch {
                throw ServiceError(errnum: Errno.invalid, text: "queues.\(name).hosts: \(error)")
            }
        }
    }

    /// Looks at the hosts of queues before the resources are known.
    ///
    /// - Parameter hostlist: the hosts of the instance.
    package func checkQueues(hostlist: String) throws(ServiceError) {
        guard let known = Hostlist(hostlist) else { return }
        let names = Set(known)
        for (name, hosts) in queueHosts.sorted(by: { $0.key < $1.key }) where hosts != "all" {
            guard let list = Hostlist(hosts), !list.isEmpty, list.allSatisfy(names.contains) else {
                throw ServiceError(
                    errnum: Errno.invalid, text: "queues.\(name).hosts: '\(hosts)' is not part of \(hostlist)")
            }
        }
    }
}
