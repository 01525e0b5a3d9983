package import RFC03Message

/// The broker's end of the channel to a module.
package protocol ModuleChannel: AnyObject {
    func deliverToModule(_ message: Message)
    /// Ends the channel from the broker's side.
    ///
    /// - Returns: the requests that the module was asked and will not answer.
    @discardableResult
    func disconnect() -> [Message]
    /// Ends the module by force.
    ///
    /// - Returns: false when it shares the broker's process: then it can only be cut off.
    func cancel() -> Bool
}
