internal import Client
internal import FluxJSON
internal import RFC03Message
internal import Service

extension ContentService {
    /// `content.mmap-add {path, chunksize, tag}`.
    func mapFile(_ request: Message) throws -> Reply {
        let payload = try request.decodeJSON().requireObject()
        let path = try payload.string("path")
        let chunkSize = try payload.int("chunksize")
        let tag = try payload.string("tag")
        guard rank == 0 else {
            throw ServiceError(errnum: Errno.invalid, text: "content may only be mmapped on rank 0")
        }
        guard path.hasPrefix("/") else {
            throw ServiceError(errnum: Errno.invalid, text: "path must be fully qualified")
        }
        guard let chunkSize = Int(exactly: chunkSize), chunkSize >= 0 else { throw ServiceError(errnum: Errno.invalid) }
        do throws(MappedFile.Failure) {
            files.add(try MappedFile(path: path, chunkSize: chunkSize, algorithm), tag: tag)
        } catch {
            throw ServiceError(errnum: error.errnum, text: error.description)
        }
        return .empty
    }

    /// `content.mmap-remove {tag}`.
    func unmapFiles(_ request: Message) throws -> Reply {
        let tag = try request.decodeJSON().requireObject().string("tag")
        guard rank == 0 else {
            throw ServiceError(errnum: Errno.invalid, text: "content can only be mmapped on rank 0")
        }
        files.remove(tag: tag)
        return .empty
    }
}
