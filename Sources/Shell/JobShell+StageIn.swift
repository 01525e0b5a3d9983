internal import Client
internal import FluxJSON
internal import KVSClient
internal import RFC03Message
internal import RFC10Content
internal import RFC37FileArchive

extension JobShell {
    /// Unpacks the archives that the option `stage-in` asks for.
    func stageIn() async throws(ShellExit) {
        guard let options = try StageInOptions(info.job.options["stage-in"]) else { return }
        if options.usesTags, info.isLeader {
            log.warn(
                "Setting stage-in.names to the value of deprecated option stage-in.tags.", component: "stage-in")
        }
        guard !options.isGlobal || info.isLeader else { return }
        guard let path = options.destination ?? tmpdir else {
            throw ShellExit(1, "FLUX_JOB_TMPDIR is not set", component: "stage-in")
        }
        do {
            let folder = try ArchiveFolder(path)
            log.debug("=> \(path)", component: "stage-in")
            for name in options.names { try await unpack(name, options, into: folder) }
        } catch {
            throw ShellExit(1, "\(error)", component: "stage-in")
        }
    }

    private func unpack(_ name: String, _ options: StageInOptions, into folder: ArchiveFolder) async throws {
        let key = "archive.\(name)"
        let text: [UInt8]
        do {
            text = try await flux.lookup(key)
        } catch {
            throw ShellExit(1, "could not lookup \(key) in primary KVS namespace: \(error)", component: "stage-in")
        }
        let archive = try FileArchive(json: try JSON(parsing: text))
        for entry in archive.entries where options.admits(entry.path ?? "") {
            log.log(.trace, entry.listing, component: "stage-in")
            try await folder.write(entry) { [flux] reference in
                let digest = try Blobref(parsing: reference).digest
                return try await flux.rpc("content.load", bytes: digest).payload ?? []
            }
        }
    }
}
