internal import Client
internal import FluxJSON
internal import Glibc
internal import KVSClient
internal import RFC18Eventlog
internal import Reactor
internal import Service

/// What rc1 and rc3 do with the state that outlives the instance.
///
/// Source: rc1 and rc3 of flux-core 0.88 (observed).
extension Broker {
    private var keptStatedir: String? { attributes["statedir-cleanup"] == "0" ? attributes["statedir"] : nil }

    // MARK: rc1

    /// The archive that the store is filled from, if there is to be one.
    ///
    /// - Throws: `ServiceError` when it cannot be read: the store is emptied for it, so that has to be known before.
    func archiveToRestore() throws(ServiceError) -> StoredArchive? {
        guard rank == 0, let value = attributes["content.restore"],
            let archive = StoredArchive(restoring: value, statedir: keptStatedir)
        else { return nil }
        guard access(archive.path, R_OK) == 0 else {
            let errnum = errno
            let origin = archive.link.map { " (from \($0))" } ?? ""
            throw ServiceError(
                errnum: errnum, text: "content.restore: \(archive.path)\(origin): \(RPCError(errnum: errnum))")
        }
        return archive
    }

    /// Fills the emptied store.
    func restore(_ archive: StoredArchive) async throws(ServiceError) {
        note(.info, "rc1.0: restoring content from \(archive.path)")
        try await runFlux("rc1", ["restore", "--sd-notify", "--quiet", "--checkpoint", "--size-limit=100M", archive.path])
        archive.removeLink()
    }

    /// Checks what an earlier run has left; a store without a checkpoint is new.
    func checkStore() async throws(ServiceError) {
        do throws(RPCError) {
            _ = try await flux.query("content.checkpoint-get", [:], nodeID: rank)
        } catch {
            guard error.errnum != Errno.noEntry else { return }
            throw ServiceError(describing: error)
        }
        do throws(ServiceError) {
            try await runFlux("rc1", ["fsck", "--repair", "--job-aware", "--quiet"])
        } catch {
            // What is damaged is not to become the content of the next start.
            try? attributes.remove("content.dump")
            throw error
        }
    }

    /// Notes the start where `flux startlog` looks for it, and tells when the last run was not ended in order.
    func noteStart() async throws(ServiceError) {
        let start = StartLog.start(at: reactor.wallTime, coreVersion: attributes["version"] ?? "")
        do throws(RPCError) {
            try await flux.commit(appending: start, to: StartLog.key, flags: KVSTransaction.syncFlag)
            let log = try await flux.lookup(StartLog.key)
            guard let entries = try? Eventlog(parsing: log).entries, StartLog(entries).hasCrashed else { return }
        } catch {
            throw ServiceError(describing: error)
        }
        note(.info, "rc1.0: Flux was not shut down properly.  Data may have been lost.")
    }

    // MARK: rc3

    /// Notes an orderly end; the checkpoint that the KVS makes when it ends has it.
    func noteFinish() async throws(ServiceError) {
        do throws(RPCError) {
            try await flux.commit(appending: StartLog.finish(at: reactor.wallTime), to: StartLog.key)
        } catch {
            throw ServiceError(describing: error)
        }
    }

    /// Brings everything into the store, and writes the archive that `content.dump` asks for.
    func saveContent() async throws(ServiceError) {
        do throws(RPCError) {
            try await flux.rpc("content.flush", nodeID: rank)
        } catch {
            throw ServiceError(errnum: error.errnum, text: "content.flush: \(error)")
        }
        guard let value = attributes["content.dump"] else { return }
        let archive = StoredArchive(dumping: value, statedir: keptStatedir, at: reactor.wallTime)
        note(.info, "rc3.0: dumping content to \(archive.path)")
        try check(archive.makeFolder(), archive)
        try await runFlux(
            "rc3",
            [
                "dump", "--sd-notify", "--quiet", "--ignore-failed-read", "--no-cache", "--maxreqs=128", "--checkpoint",
                archive.path,
            ])
        try check(archive.makeLink(), archive)
    }

    private func check(_ errnum: Int32, _ archive: StoredArchive) throws(ServiceError) {
        guard errnum != 0 else { return }
        throw ServiceError(errnum: errnum, text: "\(archive.link ?? archive.path): \(RPCError(errnum: errnum))")
    }

    /// Runs a command of ours to its end.
    private func runFlux(_ label: String, _ words: [String]) async throws(ServiceError) {
        let code = await withCheckedContinuation { (done: CheckedContinuation<Int32, Never>) in
            runProgram(label, ["flux"] + words, inheritsStandardIO: false) { _, code in done.resume(returning: code) }
        }
        guard code == 0 else {
            throw ServiceError(errnum: Errno.io, text: "flux \(words.first ?? "") failed with exit code \(code)")
        }
    }
}
