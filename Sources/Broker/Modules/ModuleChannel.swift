package import RFC03Message

/// The broker's end of the channel to a module.
package protocol ModuleChannel: AnyObject {
    func deliverToModule(_ message: Message)
    /// Ends the channel from the broker's side.
    func disconnect()
}
