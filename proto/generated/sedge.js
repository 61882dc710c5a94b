/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["sedge"] || ($protobuf.roots["sedge"] = {});

export const sedge = $root.sedge = (() => {

    /**
     * Namespace sedge.
     * @exports sedge
     * @namespace
     */
    const sedge = {};

    sedge.v1 = (function() {

        /**
         * Namespace v1.
         * @memberof sedge
         * @namespace
         */
        const v1 = {};

        v1.DeviceMessage = (function() {

            /**
             * Properties of a DeviceMessage.
             * @typedef {Object} sedge.v1.DeviceMessage.$Properties
             * @property {sedge.v1.Birth.$Properties|null} [birth] DeviceMessage birth
             * @property {sedge.v1.Status.$Properties|null} [status] DeviceMessage status
             * @property {sedge.v1.TelemetryBatch.$Properties|null} [telemetry] DeviceMessage telemetry
             * @property {sedge.v1.ReportedState.$Properties|null} [reported] DeviceMessage reported
             * @property {sedge.v1.BlockRequest.$Properties|null} [block_request] DeviceMessage block_request
             * @property {sedge.v1.DeltaRequest.$Properties|null} [delta_request] DeviceMessage delta_request
             * @property {"birth"|"status"|"telemetry"|"reported"|"block_request"|"delta_request"} [body] DeviceMessage body
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a DeviceMessage.
             * @memberof sedge.v1
             * @interface IDeviceMessage
             * @augments sedge.v1.DeviceMessage.$Properties
             * @deprecated Use sedge.v1.DeviceMessage.$Properties instead.
             */

            /**
             * Narrowed shape of a DeviceMessage.
             * @typedef {{
             *   birth?: sedge.v1.Birth.$Shape|null;
             *   status?: sedge.v1.Status.$Shape|null;
             *   telemetry?: sedge.v1.TelemetryBatch.$Shape|null;
             *   reported?: sedge.v1.ReportedState.$Shape|null;
             *   block_request?: sedge.v1.BlockRequest.$Shape|null;
             *   delta_request?: sedge.v1.DeltaRequest.$Shape|null;
             *   $unknowns?: Array.<Uint8Array>;
             * } & (
             *   ({ body?: undefined; birth?: null; status?: null; telemetry?: null; reported?: null; block_request?: null; delta_request?: null }|{ body?: "birth"; birth: sedge.v1.Birth.$Shape; status?: null; telemetry?: null; reported?: null; block_request?: null; delta_request?: null }|{ body?: "status"; birth?: null; status: sedge.v1.Status.$Shape; telemetry?: null; reported?: null; block_request?: null; delta_request?: null }|{ body?: "telemetry"; birth?: null; status?: null; telemetry: sedge.v1.TelemetryBatch.$Shape; reported?: null; block_request?: null; delta_request?: null }|{ body?: "reported"; birth?: null; status?: null; telemetry?: null; reported: sedge.v1.ReportedState.$Shape; block_request?: null; delta_request?: null }|{ body?: "block_request"; birth?: null; status?: null; telemetry?: null; reported?: null; block_request: sedge.v1.BlockRequest.$Shape; delta_request?: null }|{ body?: "delta_request"; birth?: null; status?: null; telemetry?: null; reported?: null; block_request?: null; delta_request: sedge.v1.DeltaRequest.$Shape })
             * )} sedge.v1.DeviceMessage.$Shape
             */

            /**
             * Constructs a new DeviceMessage.
             * @memberof sedge.v1
             * @classdesc Represents a DeviceMessage.
             * @constructor
             * @param {sedge.v1.DeviceMessage.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const DeviceMessage = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * DeviceMessage birth.
             * @member {sedge.v1.Birth.$Properties|null|undefined} birth
             * @memberof sedge.v1.DeviceMessage
             * @instance
             */
            DeviceMessage.prototype.birth = null;

            /**
             * DeviceMessage status.
             * @member {sedge.v1.Status.$Properties|null|undefined} status
             * @memberof sedge.v1.DeviceMessage
             * @instance
             */
            DeviceMessage.prototype.status = null;

            /**
             * DeviceMessage telemetry.
             * @member {sedge.v1.TelemetryBatch.$Properties|null|undefined} telemetry
             * @memberof sedge.v1.DeviceMessage
             * @instance
             */
            DeviceMessage.prototype.telemetry = null;

            /**
             * DeviceMessage reported.
             * @member {sedge.v1.ReportedState.$Properties|null|undefined} reported
             * @memberof sedge.v1.DeviceMessage
             * @instance
             */
            DeviceMessage.prototype.reported = null;

            /**
             * DeviceMessage block_request.
             * @member {sedge.v1.BlockRequest.$Properties|null|undefined} block_request
             * @memberof sedge.v1.DeviceMessage
             * @instance
             */
            DeviceMessage.prototype.block_request = null;

            /**
             * DeviceMessage delta_request.
             * @member {sedge.v1.DeltaRequest.$Properties|null|undefined} delta_request
             * @memberof sedge.v1.DeviceMessage
             * @instance
             */
            DeviceMessage.prototype.delta_request = null;

            // OneOf field names bound to virtual getters and setters
            let $oneOfFields;

            /**
             * DeviceMessage body.
             * @member {"birth"|"status"|"telemetry"|"reported"|"block_request"|"delta_request"|undefined} body
             * @memberof sedge.v1.DeviceMessage
             * @instance
             */
            $Object.defineProperty(DeviceMessage.prototype, "body", {
                get: $util.oneOfGetter($oneOfFields = ["birth", "status", "telemetry", "reported", "block_request", "delta_request"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            /**
             * Creates a new DeviceMessage instance using the specified properties.
             * @function create
             * @memberof sedge.v1.DeviceMessage
             * @static
             * @param {sedge.v1.DeviceMessage.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.DeviceMessage} DeviceMessage instance
             * @type {{
             *   (properties: sedge.v1.DeviceMessage.$Shape): sedge.v1.DeviceMessage & sedge.v1.DeviceMessage.$Shape;
             *   (properties?: sedge.v1.DeviceMessage.$Properties): sedge.v1.DeviceMessage;
             * }}
             */
            DeviceMessage.create = function(properties) {
                return new DeviceMessage(properties);
            };

            /**
             * Encodes the specified DeviceMessage message. Does not implicitly {@link sedge.v1.DeviceMessage.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.DeviceMessage
             * @static
             * @param {sedge.v1.DeviceMessage.$Properties} message DeviceMessage message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            DeviceMessage.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.birth != null && $Object.hasOwnProperty.call(message, "birth"))
                    $root.sedge.v1.Birth.encode(message.birth, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                if (message.status != null && $Object.hasOwnProperty.call(message, "status"))
                    $root.sedge.v1.Status.encode(message.status, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                if (message.telemetry != null && $Object.hasOwnProperty.call(message, "telemetry"))
                    $root.sedge.v1.TelemetryBatch.encode(message.telemetry, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message.reported != null && $Object.hasOwnProperty.call(message, "reported"))
                    $root.sedge.v1.ReportedState.encode(message.reported, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                if (message.block_request != null && $Object.hasOwnProperty.call(message, "block_request"))
                    $root.sedge.v1.BlockRequest.encode(message.block_request, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                if (message.delta_request != null && $Object.hasOwnProperty.call(message, "delta_request"))
                    $root.sedge.v1.DeltaRequest.encode(message.delta_request, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a DeviceMessage message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.DeviceMessage
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.DeviceMessage & sedge.v1.DeviceMessage.$Shape} DeviceMessage
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            DeviceMessage.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.DeviceMessage();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.birth = $root.sedge.v1.Birth.decode(reader, reader.size(), $undefined, _depth + 1, message.birth);
                            message.body = "birth";
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.status = $root.sedge.v1.Status.decode(reader, reader.size(), $undefined, _depth + 1, message.status);
                            message.body = "status";
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.telemetry = $root.sedge.v1.TelemetryBatch.decode(reader, reader.size(), $undefined, _depth + 1, message.telemetry);
                            message.body = "telemetry";
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.reported = $root.sedge.v1.ReportedState.decode(reader, reader.size(), $undefined, _depth + 1, message.reported);
                            message.body = "reported";
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.block_request = $root.sedge.v1.BlockRequest.decode(reader, reader.size(), $undefined, _depth + 1, message.block_request);
                            message.body = "block_request";
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.delta_request = $root.sedge.v1.DeltaRequest.decode(reader, reader.size(), $undefined, _depth + 1, message.delta_request);
                            message.body = "delta_request";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return DeviceMessage;
        })();

        v1.ControlMessage = (function() {

            /**
             * Properties of a ControlMessage.
             * @typedef {Object} sedge.v1.ControlMessage.$Properties
             * @property {sedge.v1.SignedStatement.$Properties|null} [desired] ControlMessage desired
             * @property {sedge.v1.Ack.$Properties|null} [ack] ControlMessage ack
             * @property {sedge.v1.BlockData.$Properties|null} [block_data] ControlMessage block_data
             * @property {sedge.v1.DeltaOffer.$Properties|null} [delta_offer] ControlMessage delta_offer
             * @property {"desired"|"ack"|"block_data"|"delta_offer"} [body] ControlMessage body
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a ControlMessage.
             * @memberof sedge.v1
             * @interface IControlMessage
             * @augments sedge.v1.ControlMessage.$Properties
             * @deprecated Use sedge.v1.ControlMessage.$Properties instead.
             */

            /**
             * Narrowed shape of a ControlMessage.
             * @typedef {{
             *   desired?: sedge.v1.SignedStatement.$Shape|null;
             *   ack?: sedge.v1.Ack.$Shape|null;
             *   block_data?: sedge.v1.BlockData.$Shape|null;
             *   delta_offer?: sedge.v1.DeltaOffer.$Shape|null;
             *   $unknowns?: Array.<Uint8Array>;
             * } & (
             *   ({ body?: undefined; desired?: null; ack?: null; block_data?: null; delta_offer?: null }|{ body?: "desired"; desired: sedge.v1.SignedStatement.$Shape; ack?: null; block_data?: null; delta_offer?: null }|{ body?: "ack"; desired?: null; ack: sedge.v1.Ack.$Shape; block_data?: null; delta_offer?: null }|{ body?: "block_data"; desired?: null; ack?: null; block_data: sedge.v1.BlockData.$Shape; delta_offer?: null }|{ body?: "delta_offer"; desired?: null; ack?: null; block_data?: null; delta_offer: sedge.v1.DeltaOffer.$Shape })
             * )} sedge.v1.ControlMessage.$Shape
             */

            /**
             * Constructs a new ControlMessage.
             * @memberof sedge.v1
             * @classdesc Represents a ControlMessage.
             * @constructor
             * @param {sedge.v1.ControlMessage.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const ControlMessage = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * ControlMessage desired.
             * @member {sedge.v1.SignedStatement.$Properties|null|undefined} desired
             * @memberof sedge.v1.ControlMessage
             * @instance
             */
            ControlMessage.prototype.desired = null;

            /**
             * ControlMessage ack.
             * @member {sedge.v1.Ack.$Properties|null|undefined} ack
             * @memberof sedge.v1.ControlMessage
             * @instance
             */
            ControlMessage.prototype.ack = null;

            /**
             * ControlMessage block_data.
             * @member {sedge.v1.BlockData.$Properties|null|undefined} block_data
             * @memberof sedge.v1.ControlMessage
             * @instance
             */
            ControlMessage.prototype.block_data = null;

            /**
             * ControlMessage delta_offer.
             * @member {sedge.v1.DeltaOffer.$Properties|null|undefined} delta_offer
             * @memberof sedge.v1.ControlMessage
             * @instance
             */
            ControlMessage.prototype.delta_offer = null;

            // OneOf field names bound to virtual getters and setters
            let $oneOfFields;

            /**
             * ControlMessage body.
             * @member {"desired"|"ack"|"block_data"|"delta_offer"|undefined} body
             * @memberof sedge.v1.ControlMessage
             * @instance
             */
            $Object.defineProperty(ControlMessage.prototype, "body", {
                get: $util.oneOfGetter($oneOfFields = ["desired", "ack", "block_data", "delta_offer"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            /**
             * Creates a new ControlMessage instance using the specified properties.
             * @function create
             * @memberof sedge.v1.ControlMessage
             * @static
             * @param {sedge.v1.ControlMessage.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.ControlMessage} ControlMessage instance
             * @type {{
             *   (properties: sedge.v1.ControlMessage.$Shape): sedge.v1.ControlMessage & sedge.v1.ControlMessage.$Shape;
             *   (properties?: sedge.v1.ControlMessage.$Properties): sedge.v1.ControlMessage;
             * }}
             */
            ControlMessage.create = function(properties) {
                return new ControlMessage(properties);
            };

            /**
             * Encodes the specified ControlMessage message. Does not implicitly {@link sedge.v1.ControlMessage.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.ControlMessage
             * @static
             * @param {sedge.v1.ControlMessage.$Properties} message ControlMessage message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            ControlMessage.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.desired != null && $Object.hasOwnProperty.call(message, "desired"))
                    $root.sedge.v1.SignedStatement.encode(message.desired, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                if (message.ack != null && $Object.hasOwnProperty.call(message, "ack"))
                    $root.sedge.v1.Ack.encode(message.ack, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                if (message.block_data != null && $Object.hasOwnProperty.call(message, "block_data"))
                    $root.sedge.v1.BlockData.encode(message.block_data, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message.delta_offer != null && $Object.hasOwnProperty.call(message, "delta_offer"))
                    $root.sedge.v1.DeltaOffer.encode(message.delta_offer, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a ControlMessage message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.ControlMessage
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.ControlMessage & sedge.v1.ControlMessage.$Shape} ControlMessage
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            ControlMessage.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.ControlMessage();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.desired = $root.sedge.v1.SignedStatement.decode(reader, reader.size(), $undefined, _depth + 1, message.desired);
                            message.body = "desired";
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.ack = $root.sedge.v1.Ack.decode(reader, reader.size(), $undefined, _depth + 1, message.ack);
                            message.body = "ack";
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.block_data = $root.sedge.v1.BlockData.decode(reader, reader.size(), $undefined, _depth + 1, message.block_data);
                            message.body = "block_data";
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.delta_offer = $root.sedge.v1.DeltaOffer.decode(reader, reader.size(), $undefined, _depth + 1, message.delta_offer);
                            message.body = "delta_offer";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ControlMessage;
        })();

        v1.Birth = (function() {

            /**
             * Properties of a Birth.
             * @typedef {Object} sedge.v1.Birth.$Properties
             * @property {string|null} [boot_id] Birth boot_id
             * @property {number|null} [connection] Birth connection
             * @property {string|null} [agent_version] Birth agent_version
             * @property {sedge.v1.DeviceProfile.$Properties|null} [profile] Birth profile
             * @property {sedge.v1.ReportedState.$Properties|null} [reported] Birth reported
             * @property {number|null} [device_time_ms] Birth device_time_ms
             * @property {number|null} [uptime_ms] Birth uptime_ms
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Birth.
             * @memberof sedge.v1
             * @interface IBirth
             * @augments sedge.v1.Birth.$Properties
             * @deprecated Use sedge.v1.Birth.$Properties instead.
             */

            /**
             * Shape of a Birth.
             * @typedef {sedge.v1.Birth.$Properties} sedge.v1.Birth.$Shape
             */

            /**
             * Constructs a new Birth.
             * @memberof sedge.v1
             * @classdesc Represents a Birth.
             * @constructor
             * @param {sedge.v1.Birth.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Birth = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Birth boot_id.
             * @member {string} boot_id
             * @memberof sedge.v1.Birth
             * @instance
             */
            Birth.prototype.boot_id = "";

            /**
             * Birth connection.
             * @member {number} connection
             * @memberof sedge.v1.Birth
             * @instance
             */
            Birth.prototype.connection = 0;

            /**
             * Birth agent_version.
             * @member {string} agent_version
             * @memberof sedge.v1.Birth
             * @instance
             */
            Birth.prototype.agent_version = "";

            /**
             * Birth profile.
             * @member {sedge.v1.DeviceProfile.$Properties|null|undefined} profile
             * @memberof sedge.v1.Birth
             * @instance
             */
            Birth.prototype.profile = null;

            /**
             * Birth reported.
             * @member {sedge.v1.ReportedState.$Properties|null|undefined} reported
             * @memberof sedge.v1.Birth
             * @instance
             */
            Birth.prototype.reported = null;

            /**
             * Birth device_time_ms.
             * @member {number} device_time_ms
             * @memberof sedge.v1.Birth
             * @instance
             */
            Birth.prototype.device_time_ms = 0;

            /**
             * Birth uptime_ms.
             * @member {number} uptime_ms
             * @memberof sedge.v1.Birth
             * @instance
             */
            Birth.prototype.uptime_ms = 0;

            /**
             * Creates a new Birth instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Birth
             * @static
             * @param {sedge.v1.Birth.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Birth} Birth instance
             * @type {{
             *   (properties: sedge.v1.Birth.$Shape): sedge.v1.Birth & sedge.v1.Birth.$Shape;
             *   (properties?: sedge.v1.Birth.$Properties): sedge.v1.Birth;
             * }}
             */
            Birth.create = function(properties) {
                return new Birth(properties);
            };

            /**
             * Encodes the specified Birth message. Does not implicitly {@link sedge.v1.Birth.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Birth
             * @static
             * @param {sedge.v1.Birth.$Properties} message Birth message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Birth.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.boot_id != null && $Object.hasOwnProperty.call(message, "boot_id") && message.boot_id !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.boot_id);
                if (message.connection != null && $Object.hasOwnProperty.call(message, "connection") && message.connection !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.connection);
                if (message.agent_version != null && $Object.hasOwnProperty.call(message, "agent_version") && message.agent_version !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.agent_version);
                if (message.profile != null && $Object.hasOwnProperty.call(message, "profile"))
                    $root.sedge.v1.DeviceProfile.encode(message.profile, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                if (message.reported != null && $Object.hasOwnProperty.call(message, "reported"))
                    $root.sedge.v1.ReportedState.encode(message.reported, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                if (message.device_time_ms != null && $Object.hasOwnProperty.call(message, "device_time_ms") && !$Object.is(message.device_time_ms, 0))
                    writer.uint32(/* id 6, wireType 1 =*/49).double(message.device_time_ms);
                if (message.uptime_ms != null && $Object.hasOwnProperty.call(message, "uptime_ms") && !$Object.is(message.uptime_ms, 0))
                    writer.uint32(/* id 7, wireType 1 =*/57).double(message.uptime_ms);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Birth message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Birth
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Birth & sedge.v1.Birth.$Shape} Birth
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Birth.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Birth();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.boot_id = value;
                            else
                                delete message.boot_id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.connection = value;
                            else
                                delete message.connection;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.agent_version = value;
                            else
                                delete message.agent_version;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.profile = $root.sedge.v1.DeviceProfile.decode(reader, reader.size(), $undefined, _depth + 1, message.profile);
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.reported = $root.sedge.v1.ReportedState.decode(reader, reader.size(), $undefined, _depth + 1, message.reported);
                            continue;
                        }
                    case 6: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.device_time_ms = value;
                            else
                                delete message.device_time_ms;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.uptime_ms = value;
                            else
                                delete message.uptime_ms;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Birth;
        })();

        v1.DeviceProfile = (function() {

            /**
             * Properties of a DeviceProfile.
             * @typedef {Object} sedge.v1.DeviceProfile.$Properties
             * @property {string|null} [architecture] DeviceProfile architecture
             * @property {string|null} [operating_system] DeviceProfile operating_system
             * @property {Array.<string>|null} [cpu_flags] DeviceProfile cpu_flags
             * @property {number|null} [memory_bytes] DeviceProfile memory_bytes
             * @property {Array.<sedge.v1.Runtime.$Properties>|null} [runtimes] DeviceProfile runtimes
             * @property {string|null} [hardware] DeviceProfile hardware
             * @property {Array.<string>|null} [abilities] DeviceProfile abilities
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a DeviceProfile.
             * @memberof sedge.v1
             * @interface IDeviceProfile
             * @augments sedge.v1.DeviceProfile.$Properties
             * @deprecated Use sedge.v1.DeviceProfile.$Properties instead.
             */

            /**
             * Shape of a DeviceProfile.
             * @typedef {sedge.v1.DeviceProfile.$Properties} sedge.v1.DeviceProfile.$Shape
             */

            /**
             * Constructs a new DeviceProfile.
             * @memberof sedge.v1
             * @classdesc Represents a DeviceProfile.
             * @constructor
             * @param {sedge.v1.DeviceProfile.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const DeviceProfile = function (properties) {
                this.cpu_flags = [];
                this.runtimes = [];
                this.abilities = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * DeviceProfile architecture.
             * @member {string} architecture
             * @memberof sedge.v1.DeviceProfile
             * @instance
             */
            DeviceProfile.prototype.architecture = "";

            /**
             * DeviceProfile operating_system.
             * @member {string} operating_system
             * @memberof sedge.v1.DeviceProfile
             * @instance
             */
            DeviceProfile.prototype.operating_system = "";

            /**
             * DeviceProfile cpu_flags.
             * @member {Array.<string>} cpu_flags
             * @memberof sedge.v1.DeviceProfile
             * @instance
             */
            DeviceProfile.prototype.cpu_flags = $util.emptyArray;

            /**
             * DeviceProfile memory_bytes.
             * @member {number} memory_bytes
             * @memberof sedge.v1.DeviceProfile
             * @instance
             */
            DeviceProfile.prototype.memory_bytes = 0;

            /**
             * DeviceProfile runtimes.
             * @member {Array.<sedge.v1.Runtime.$Properties>} runtimes
             * @memberof sedge.v1.DeviceProfile
             * @instance
             */
            DeviceProfile.prototype.runtimes = $util.emptyArray;

            /**
             * DeviceProfile hardware.
             * @member {string} hardware
             * @memberof sedge.v1.DeviceProfile
             * @instance
             */
            DeviceProfile.prototype.hardware = "";

            /**
             * DeviceProfile abilities.
             * @member {Array.<string>} abilities
             * @memberof sedge.v1.DeviceProfile
             * @instance
             */
            DeviceProfile.prototype.abilities = $util.emptyArray;

            /**
             * Creates a new DeviceProfile instance using the specified properties.
             * @function create
             * @memberof sedge.v1.DeviceProfile
             * @static
             * @param {sedge.v1.DeviceProfile.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.DeviceProfile} DeviceProfile instance
             * @type {{
             *   (properties: sedge.v1.DeviceProfile.$Shape): sedge.v1.DeviceProfile & sedge.v1.DeviceProfile.$Shape;
             *   (properties?: sedge.v1.DeviceProfile.$Properties): sedge.v1.DeviceProfile;
             * }}
             */
            DeviceProfile.create = function(properties) {
                return new DeviceProfile(properties);
            };

            /**
             * Encodes the specified DeviceProfile message. Does not implicitly {@link sedge.v1.DeviceProfile.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.DeviceProfile
             * @static
             * @param {sedge.v1.DeviceProfile.$Properties} message DeviceProfile message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            DeviceProfile.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.architecture != null && $Object.hasOwnProperty.call(message, "architecture") && message.architecture !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.architecture);
                if (message.operating_system != null && $Object.hasOwnProperty.call(message, "operating_system") && message.operating_system !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.operating_system);
                if (message.cpu_flags != null && message.cpu_flags.length)
                    for (let i = 0; i < message.cpu_flags.length; ++i)
                        writer.uint32(/* id 3, wireType 2 =*/26).string(message.cpu_flags[i]);
                if (message.memory_bytes != null && $Object.hasOwnProperty.call(message, "memory_bytes") && !$Object.is(message.memory_bytes, 0))
                    writer.uint32(/* id 4, wireType 1 =*/33).double(message.memory_bytes);
                if (message.runtimes != null && message.runtimes.length)
                    for (let i = 0; i < message.runtimes.length; ++i)
                        $root.sedge.v1.Runtime.encode(message.runtimes[i], writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                if (message.hardware != null && $Object.hasOwnProperty.call(message, "hardware") && message.hardware !== "")
                    writer.uint32(/* id 6, wireType 2 =*/50).string(message.hardware);
                if (message.abilities != null && message.abilities.length)
                    for (let i = 0; i < message.abilities.length; ++i)
                        writer.uint32(/* id 7, wireType 2 =*/58).string(message.abilities[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a DeviceProfile message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.DeviceProfile
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.DeviceProfile & sedge.v1.DeviceProfile.$Shape} DeviceProfile
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            DeviceProfile.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.DeviceProfile();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.architecture = value;
                            else
                                delete message.architecture;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.operating_system = value;
                            else
                                delete message.operating_system;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.cpu_flags && message.cpu_flags.length))
                                message.cpu_flags = [];
                            message.cpu_flags.push(reader.stringVerify());
                            continue;
                        }
                    case 4: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.memory_bytes = value;
                            else
                                delete message.memory_bytes;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.runtimes && message.runtimes.length))
                                message.runtimes = [];
                            message.runtimes.push($root.sedge.v1.Runtime.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.hardware = value;
                            else
                                delete message.hardware;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if (!(message.abilities && message.abilities.length))
                                message.abilities = [];
                            message.abilities.push(reader.stringVerify());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return DeviceProfile;
        })();

        v1.Runtime = (function() {

            /**
             * Properties of a Runtime.
             * @typedef {Object} sedge.v1.Runtime.$Properties
             * @property {string|null} [name] Runtime name
             * @property {string|null} [version] Runtime version
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Runtime.
             * @memberof sedge.v1
             * @interface IRuntime
             * @augments sedge.v1.Runtime.$Properties
             * @deprecated Use sedge.v1.Runtime.$Properties instead.
             */

            /**
             * Shape of a Runtime.
             * @typedef {sedge.v1.Runtime.$Properties} sedge.v1.Runtime.$Shape
             */

            /**
             * Constructs a new Runtime.
             * @memberof sedge.v1
             * @classdesc Represents a Runtime.
             * @constructor
             * @param {sedge.v1.Runtime.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Runtime = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Runtime name.
             * @member {string} name
             * @memberof sedge.v1.Runtime
             * @instance
             */
            Runtime.prototype.name = "";

            /**
             * Runtime version.
             * @member {string} version
             * @memberof sedge.v1.Runtime
             * @instance
             */
            Runtime.prototype.version = "";

            /**
             * Creates a new Runtime instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Runtime
             * @static
             * @param {sedge.v1.Runtime.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Runtime} Runtime instance
             * @type {{
             *   (properties: sedge.v1.Runtime.$Shape): sedge.v1.Runtime & sedge.v1.Runtime.$Shape;
             *   (properties?: sedge.v1.Runtime.$Properties): sedge.v1.Runtime;
             * }}
             */
            Runtime.create = function(properties) {
                return new Runtime(properties);
            };

            /**
             * Encodes the specified Runtime message. Does not implicitly {@link sedge.v1.Runtime.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Runtime
             * @static
             * @param {sedge.v1.Runtime.$Properties} message Runtime message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Runtime.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.name);
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.version);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Runtime message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Runtime
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Runtime & sedge.v1.Runtime.$Shape} Runtime
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Runtime.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Runtime();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Runtime;
        })();

        v1.Status = (function() {

            /**
             * Properties of a Status.
             * @typedef {Object} sedge.v1.Status.$Properties
             * @property {number|null} [state] Status state
             * @property {string|null} [boot_id] Status boot_id
             * @property {number|null} [connection] Status connection
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Status.
             * @memberof sedge.v1
             * @interface IStatus
             * @augments sedge.v1.Status.$Properties
             * @deprecated Use sedge.v1.Status.$Properties instead.
             */

            /**
             * Shape of a Status.
             * @typedef {sedge.v1.Status.$Properties} sedge.v1.Status.$Shape
             */

            /**
             * Constructs a new Status.
             * @memberof sedge.v1
             * @classdesc Represents a Status.
             * @constructor
             * @param {sedge.v1.Status.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Status = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Status state.
             * @member {number} state
             * @memberof sedge.v1.Status
             * @instance
             */
            Status.prototype.state = 0;

            /**
             * Status boot_id.
             * @member {string} boot_id
             * @memberof sedge.v1.Status
             * @instance
             */
            Status.prototype.boot_id = "";

            /**
             * Status connection.
             * @member {number} connection
             * @memberof sedge.v1.Status
             * @instance
             */
            Status.prototype.connection = 0;

            /**
             * Creates a new Status instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Status
             * @static
             * @param {sedge.v1.Status.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Status} Status instance
             * @type {{
             *   (properties: sedge.v1.Status.$Shape): sedge.v1.Status & sedge.v1.Status.$Shape;
             *   (properties?: sedge.v1.Status.$Properties): sedge.v1.Status;
             * }}
             */
            Status.create = function(properties) {
                return new Status(properties);
            };

            /**
             * Encodes the specified Status message. Does not implicitly {@link sedge.v1.Status.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Status
             * @static
             * @param {sedge.v1.Status.$Properties} message Status message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Status.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.state != null && $Object.hasOwnProperty.call(message, "state") && message.state !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.state);
                if (message.boot_id != null && $Object.hasOwnProperty.call(message, "boot_id") && message.boot_id !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.boot_id);
                if (message.connection != null && $Object.hasOwnProperty.call(message, "connection") && message.connection !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.connection);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Status message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Status
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Status & sedge.v1.Status.$Shape} Status
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Status.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Status();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.state = value;
                            else
                                delete message.state;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.boot_id = value;
                            else
                                delete message.boot_id;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.connection = value;
                            else
                                delete message.connection;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Status;
        })();

        v1.ReportedState = (function() {

            /**
             * Properties of a ReportedState.
             * @typedef {Object} sedge.v1.ReportedState.$Properties
             * @property {number|null} [epoch] ReportedState epoch
             * @property {number|null} [generation] ReportedState generation
             * @property {Array.<sedge.v1.ModelReport.$Properties>|null} [models] ReportedState models
             * @property {string|null} [refusal] ReportedState refusal
             * @property {Array.<sedge.v1.SettingsReport.$Properties>|null} [settings] ReportedState settings
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a ReportedState.
             * @memberof sedge.v1
             * @interface IReportedState
             * @augments sedge.v1.ReportedState.$Properties
             * @deprecated Use sedge.v1.ReportedState.$Properties instead.
             */

            /**
             * Shape of a ReportedState.
             * @typedef {sedge.v1.ReportedState.$Properties} sedge.v1.ReportedState.$Shape
             */

            /**
             * Constructs a new ReportedState.
             * @memberof sedge.v1
             * @classdesc Represents a ReportedState.
             * @constructor
             * @param {sedge.v1.ReportedState.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const ReportedState = function (properties) {
                this.models = [];
                this.settings = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * ReportedState epoch.
             * @member {number} epoch
             * @memberof sedge.v1.ReportedState
             * @instance
             */
            ReportedState.prototype.epoch = 0;

            /**
             * ReportedState generation.
             * @member {number} generation
             * @memberof sedge.v1.ReportedState
             * @instance
             */
            ReportedState.prototype.generation = 0;

            /**
             * ReportedState models.
             * @member {Array.<sedge.v1.ModelReport.$Properties>} models
             * @memberof sedge.v1.ReportedState
             * @instance
             */
            ReportedState.prototype.models = $util.emptyArray;

            /**
             * ReportedState refusal.
             * @member {string} refusal
             * @memberof sedge.v1.ReportedState
             * @instance
             */
            ReportedState.prototype.refusal = "";

            /**
             * ReportedState settings.
             * @member {Array.<sedge.v1.SettingsReport.$Properties>} settings
             * @memberof sedge.v1.ReportedState
             * @instance
             */
            ReportedState.prototype.settings = $util.emptyArray;

            /**
             * Creates a new ReportedState instance using the specified properties.
             * @function create
             * @memberof sedge.v1.ReportedState
             * @static
             * @param {sedge.v1.ReportedState.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.ReportedState} ReportedState instance
             * @type {{
             *   (properties: sedge.v1.ReportedState.$Shape): sedge.v1.ReportedState & sedge.v1.ReportedState.$Shape;
             *   (properties?: sedge.v1.ReportedState.$Properties): sedge.v1.ReportedState;
             * }}
             */
            ReportedState.create = function(properties) {
                return new ReportedState(properties);
            };

            /**
             * Encodes the specified ReportedState message. Does not implicitly {@link sedge.v1.ReportedState.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.ReportedState
             * @static
             * @param {sedge.v1.ReportedState.$Properties} message ReportedState message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            ReportedState.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.epoch);
                if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.generation);
                if (message.models != null && message.models.length)
                    for (let i = 0; i < message.models.length; ++i)
                        $root.sedge.v1.ModelReport.encode(message.models[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message.refusal != null && $Object.hasOwnProperty.call(message, "refusal") && message.refusal !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.refusal);
                if (message.settings != null && message.settings.length)
                    for (let i = 0; i < message.settings.length; ++i)
                        $root.sedge.v1.SettingsReport.encode(message.settings[i], writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a ReportedState message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.ReportedState
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.ReportedState & sedge.v1.ReportedState.$Shape} ReportedState
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            ReportedState.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.ReportedState();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.epoch = value;
                            else
                                delete message.epoch;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.generation = value;
                            else
                                delete message.generation;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.models && message.models.length))
                                message.models = [];
                            message.models.push($root.sedge.v1.ModelReport.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.refusal = value;
                            else
                                delete message.refusal;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.settings && message.settings.length))
                                message.settings = [];
                            message.settings.push($root.sedge.v1.SettingsReport.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ReportedState;
        })();

        v1.SettingsReport = (function() {

            /**
             * Properties of a SettingsReport.
             * @typedef {Object} sedge.v1.SettingsReport.$Properties
             * @property {string|null} [name] SettingsReport name
             * @property {number|null} [version] SettingsReport version
             * @property {number|null} [refused] SettingsReport refused
             * @property {string|null} [reason] SettingsReport reason
             * @property {Array.<string>|null} [pinned] SettingsReport pinned
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a SettingsReport.
             * @memberof sedge.v1
             * @interface ISettingsReport
             * @augments sedge.v1.SettingsReport.$Properties
             * @deprecated Use sedge.v1.SettingsReport.$Properties instead.
             */

            /**
             * Shape of a SettingsReport.
             * @typedef {sedge.v1.SettingsReport.$Properties} sedge.v1.SettingsReport.$Shape
             */

            /**
             * Constructs a new SettingsReport.
             * @memberof sedge.v1
             * @classdesc Represents a SettingsReport.
             * @constructor
             * @param {sedge.v1.SettingsReport.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const SettingsReport = function (properties) {
                this.pinned = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * SettingsReport name.
             * @member {string} name
             * @memberof sedge.v1.SettingsReport
             * @instance
             */
            SettingsReport.prototype.name = "";

            /**
             * SettingsReport version.
             * @member {number} version
             * @memberof sedge.v1.SettingsReport
             * @instance
             */
            SettingsReport.prototype.version = 0;

            /**
             * SettingsReport refused.
             * @member {number} refused
             * @memberof sedge.v1.SettingsReport
             * @instance
             */
            SettingsReport.prototype.refused = 0;

            /**
             * SettingsReport reason.
             * @member {string} reason
             * @memberof sedge.v1.SettingsReport
             * @instance
             */
            SettingsReport.prototype.reason = "";

            /**
             * SettingsReport pinned.
             * @member {Array.<string>} pinned
             * @memberof sedge.v1.SettingsReport
             * @instance
             */
            SettingsReport.prototype.pinned = $util.emptyArray;

            /**
             * Creates a new SettingsReport instance using the specified properties.
             * @function create
             * @memberof sedge.v1.SettingsReport
             * @static
             * @param {sedge.v1.SettingsReport.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.SettingsReport} SettingsReport instance
             * @type {{
             *   (properties: sedge.v1.SettingsReport.$Shape): sedge.v1.SettingsReport & sedge.v1.SettingsReport.$Shape;
             *   (properties?: sedge.v1.SettingsReport.$Properties): sedge.v1.SettingsReport;
             * }}
             */
            SettingsReport.create = function(properties) {
                return new SettingsReport(properties);
            };

            /**
             * Encodes the specified SettingsReport message. Does not implicitly {@link sedge.v1.SettingsReport.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.SettingsReport
             * @static
             * @param {sedge.v1.SettingsReport.$Properties} message SettingsReport message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            SettingsReport.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.name);
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.version);
                if (message.refused != null && $Object.hasOwnProperty.call(message, "refused") && message.refused !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.refused);
                if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.reason);
                if (message.pinned != null && message.pinned.length)
                    for (let i = 0; i < message.pinned.length; ++i)
                        writer.uint32(/* id 5, wireType 2 =*/42).string(message.pinned[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a SettingsReport message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.SettingsReport
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.SettingsReport & sedge.v1.SettingsReport.$Shape} SettingsReport
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            SettingsReport.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.SettingsReport();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.refused = value;
                            else
                                delete message.refused;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.reason = value;
                            else
                                delete message.reason;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.pinned && message.pinned.length))
                                message.pinned = [];
                            message.pinned.push(reader.stringVerify());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return SettingsReport;
        })();

        v1.ModelReport = (function() {

            /**
             * Properties of a ModelReport.
             * @typedef {Object} sedge.v1.ModelReport.$Properties
             * @property {string|null} [model] ModelReport model
             * @property {sedge.v1.SlotReport.$Properties|null} [active] ModelReport active
             * @property {sedge.v1.SlotReport.$Properties|null} [candidate] ModelReport candidate
             * @property {sedge.v1.SlotReport.$Properties|null} [previous] ModelReport previous
             * @property {number|null} [phase] ModelReport phase
             * @property {sedge.v1.UpdateFailure.$Properties|null} [failure] ModelReport failure
             * @property {Array.<sedge.v1.QuarantineReport.$Properties>|null} [quarantined] ModelReport quarantined
             * @property {sedge.v1.SlotReport.$Properties|null} [factory] ModelReport factory
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a ModelReport.
             * @memberof sedge.v1
             * @interface IModelReport
             * @augments sedge.v1.ModelReport.$Properties
             * @deprecated Use sedge.v1.ModelReport.$Properties instead.
             */

            /**
             * Shape of a ModelReport.
             * @typedef {sedge.v1.ModelReport.$Properties} sedge.v1.ModelReport.$Shape
             */

            /**
             * Constructs a new ModelReport.
             * @memberof sedge.v1
             * @classdesc Represents a ModelReport.
             * @constructor
             * @param {sedge.v1.ModelReport.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const ModelReport = function (properties) {
                this.quarantined = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * ModelReport model.
             * @member {string} model
             * @memberof sedge.v1.ModelReport
             * @instance
             */
            ModelReport.prototype.model = "";

            /**
             * ModelReport active.
             * @member {sedge.v1.SlotReport.$Properties|null|undefined} active
             * @memberof sedge.v1.ModelReport
             * @instance
             */
            ModelReport.prototype.active = null;

            /**
             * ModelReport candidate.
             * @member {sedge.v1.SlotReport.$Properties|null|undefined} candidate
             * @memberof sedge.v1.ModelReport
             * @instance
             */
            ModelReport.prototype.candidate = null;

            /**
             * ModelReport previous.
             * @member {sedge.v1.SlotReport.$Properties|null|undefined} previous
             * @memberof sedge.v1.ModelReport
             * @instance
             */
            ModelReport.prototype.previous = null;

            /**
             * ModelReport phase.
             * @member {number} phase
             * @memberof sedge.v1.ModelReport
             * @instance
             */
            ModelReport.prototype.phase = 0;

            /**
             * ModelReport failure.
             * @member {sedge.v1.UpdateFailure.$Properties|null|undefined} failure
             * @memberof sedge.v1.ModelReport
             * @instance
             */
            ModelReport.prototype.failure = null;

            /**
             * ModelReport quarantined.
             * @member {Array.<sedge.v1.QuarantineReport.$Properties>} quarantined
             * @memberof sedge.v1.ModelReport
             * @instance
             */
            ModelReport.prototype.quarantined = $util.emptyArray;

            /**
             * ModelReport factory.
             * @member {sedge.v1.SlotReport.$Properties|null|undefined} factory
             * @memberof sedge.v1.ModelReport
             * @instance
             */
            ModelReport.prototype.factory = null;

            /**
             * Creates a new ModelReport instance using the specified properties.
             * @function create
             * @memberof sedge.v1.ModelReport
             * @static
             * @param {sedge.v1.ModelReport.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.ModelReport} ModelReport instance
             * @type {{
             *   (properties: sedge.v1.ModelReport.$Shape): sedge.v1.ModelReport & sedge.v1.ModelReport.$Shape;
             *   (properties?: sedge.v1.ModelReport.$Properties): sedge.v1.ModelReport;
             * }}
             */
            ModelReport.create = function(properties) {
                return new ModelReport(properties);
            };

            /**
             * Encodes the specified ModelReport message. Does not implicitly {@link sedge.v1.ModelReport.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.ModelReport
             * @static
             * @param {sedge.v1.ModelReport.$Properties} message ModelReport message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            ModelReport.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.model != null && $Object.hasOwnProperty.call(message, "model") && message.model !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.model);
                if (message.active != null && $Object.hasOwnProperty.call(message, "active"))
                    $root.sedge.v1.SlotReport.encode(message.active, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                if (message.candidate != null && $Object.hasOwnProperty.call(message, "candidate"))
                    $root.sedge.v1.SlotReport.encode(message.candidate, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message.previous != null && $Object.hasOwnProperty.call(message, "previous"))
                    $root.sedge.v1.SlotReport.encode(message.previous, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                if (message.phase != null && $Object.hasOwnProperty.call(message, "phase") && message.phase !== 0)
                    writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.phase);
                if (message.failure != null && $Object.hasOwnProperty.call(message, "failure"))
                    $root.sedge.v1.UpdateFailure.encode(message.failure, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                if (message.quarantined != null && message.quarantined.length)
                    for (let i = 0; i < message.quarantined.length; ++i)
                        $root.sedge.v1.QuarantineReport.encode(message.quarantined[i], writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                if (message.factory != null && $Object.hasOwnProperty.call(message, "factory"))
                    $root.sedge.v1.SlotReport.encode(message.factory, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a ModelReport message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.ModelReport
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.ModelReport & sedge.v1.ModelReport.$Shape} ModelReport
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            ModelReport.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.ModelReport();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.model = value;
                            else
                                delete message.model;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.active = $root.sedge.v1.SlotReport.decode(reader, reader.size(), $undefined, _depth + 1, message.active);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.candidate = $root.sedge.v1.SlotReport.decode(reader, reader.size(), $undefined, _depth + 1, message.candidate);
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.previous = $root.sedge.v1.SlotReport.decode(reader, reader.size(), $undefined, _depth + 1, message.previous);
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.phase = value;
                            else
                                delete message.phase;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.failure = $root.sedge.v1.UpdateFailure.decode(reader, reader.size(), $undefined, _depth + 1, message.failure);
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if (!(message.quarantined && message.quarantined.length))
                                message.quarantined = [];
                            message.quarantined.push($root.sedge.v1.QuarantineReport.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            message.factory = $root.sedge.v1.SlotReport.decode(reader, reader.size(), $undefined, _depth + 1, message.factory);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ModelReport;
        })();

        v1.QuarantineReport = (function() {

            /**
             * Properties of a QuarantineReport.
             * @typedef {Object} sedge.v1.QuarantineReport.$Properties
             * @property {Uint8Array|null} ["package"] QuarantineReport package
             * @property {string|null} [variant] QuarantineReport variant
             * @property {number|null} [cause] QuarantineReport cause
             * @property {string|null} [reason] QuarantineReport reason
             * @property {string|null} [runtime] QuarantineReport runtime
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a QuarantineReport.
             * @memberof sedge.v1
             * @interface IQuarantineReport
             * @augments sedge.v1.QuarantineReport.$Properties
             * @deprecated Use sedge.v1.QuarantineReport.$Properties instead.
             */

            /**
             * Shape of a QuarantineReport.
             * @typedef {sedge.v1.QuarantineReport.$Properties} sedge.v1.QuarantineReport.$Shape
             */

            /**
             * Constructs a new QuarantineReport.
             * @memberof sedge.v1
             * @classdesc Represents a QuarantineReport.
             * @constructor
             * @param {sedge.v1.QuarantineReport.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const QuarantineReport = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * QuarantineReport package.
             * @member {Uint8Array} package
             * @memberof sedge.v1.QuarantineReport
             * @instance
             */
            QuarantineReport.prototype["package"] = $util.newBuffer([]);

            /**
             * QuarantineReport variant.
             * @member {string} variant
             * @memberof sedge.v1.QuarantineReport
             * @instance
             */
            QuarantineReport.prototype.variant = "";

            /**
             * QuarantineReport cause.
             * @member {number} cause
             * @memberof sedge.v1.QuarantineReport
             * @instance
             */
            QuarantineReport.prototype.cause = 0;

            /**
             * QuarantineReport reason.
             * @member {string} reason
             * @memberof sedge.v1.QuarantineReport
             * @instance
             */
            QuarantineReport.prototype.reason = "";

            /**
             * QuarantineReport runtime.
             * @member {string} runtime
             * @memberof sedge.v1.QuarantineReport
             * @instance
             */
            QuarantineReport.prototype.runtime = "";

            /**
             * Creates a new QuarantineReport instance using the specified properties.
             * @function create
             * @memberof sedge.v1.QuarantineReport
             * @static
             * @param {sedge.v1.QuarantineReport.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.QuarantineReport} QuarantineReport instance
             * @type {{
             *   (properties: sedge.v1.QuarantineReport.$Shape): sedge.v1.QuarantineReport & sedge.v1.QuarantineReport.$Shape;
             *   (properties?: sedge.v1.QuarantineReport.$Properties): sedge.v1.QuarantineReport;
             * }}
             */
            QuarantineReport.create = function(properties) {
                return new QuarantineReport(properties);
            };

            /**
             * Encodes the specified QuarantineReport message. Does not implicitly {@link sedge.v1.QuarantineReport.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.QuarantineReport
             * @static
             * @param {sedge.v1.QuarantineReport.$Properties} message QuarantineReport message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            QuarantineReport.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message["package"] != null && $Object.hasOwnProperty.call(message, "package") && message["package"].length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message["package"]);
                if (message.variant != null && $Object.hasOwnProperty.call(message, "variant") && message.variant !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.variant);
                if (message.cause != null && $Object.hasOwnProperty.call(message, "cause") && message.cause !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.cause);
                if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.reason);
                if (message.runtime != null && $Object.hasOwnProperty.call(message, "runtime") && message.runtime !== "")
                    writer.uint32(/* id 5, wireType 2 =*/42).string(message.runtime);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a QuarantineReport message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.QuarantineReport
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.QuarantineReport & sedge.v1.QuarantineReport.$Shape} QuarantineReport
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            QuarantineReport.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.QuarantineReport();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message["package"] = value;
                            else
                                delete message["package"];
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.variant = value;
                            else
                                delete message.variant;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.cause = value;
                            else
                                delete message.cause;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.reason = value;
                            else
                                delete message.reason;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.runtime = value;
                            else
                                delete message.runtime;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return QuarantineReport;
        })();

        v1.SlotReport = (function() {

            /**
             * Properties of a SlotReport.
             * @typedef {Object} sedge.v1.SlotReport.$Properties
             * @property {string|null} [version] SlotReport version
             * @property {Uint8Array|null} ["package"] SlotReport package
             * @property {string|null} [variant] SlotReport variant
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a SlotReport.
             * @memberof sedge.v1
             * @interface ISlotReport
             * @augments sedge.v1.SlotReport.$Properties
             * @deprecated Use sedge.v1.SlotReport.$Properties instead.
             */

            /**
             * Shape of a SlotReport.
             * @typedef {sedge.v1.SlotReport.$Properties} sedge.v1.SlotReport.$Shape
             */

            /**
             * Constructs a new SlotReport.
             * @memberof sedge.v1
             * @classdesc Represents a SlotReport.
             * @constructor
             * @param {sedge.v1.SlotReport.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const SlotReport = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * SlotReport version.
             * @member {string} version
             * @memberof sedge.v1.SlotReport
             * @instance
             */
            SlotReport.prototype.version = "";

            /**
             * SlotReport package.
             * @member {Uint8Array} package
             * @memberof sedge.v1.SlotReport
             * @instance
             */
            SlotReport.prototype["package"] = $util.newBuffer([]);

            /**
             * SlotReport variant.
             * @member {string} variant
             * @memberof sedge.v1.SlotReport
             * @instance
             */
            SlotReport.prototype.variant = "";

            /**
             * Creates a new SlotReport instance using the specified properties.
             * @function create
             * @memberof sedge.v1.SlotReport
             * @static
             * @param {sedge.v1.SlotReport.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.SlotReport} SlotReport instance
             * @type {{
             *   (properties: sedge.v1.SlotReport.$Shape): sedge.v1.SlotReport & sedge.v1.SlotReport.$Shape;
             *   (properties?: sedge.v1.SlotReport.$Properties): sedge.v1.SlotReport;
             * }}
             */
            SlotReport.create = function(properties) {
                return new SlotReport(properties);
            };

            /**
             * Encodes the specified SlotReport message. Does not implicitly {@link sedge.v1.SlotReport.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.SlotReport
             * @static
             * @param {sedge.v1.SlotReport.$Properties} message SlotReport message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            SlotReport.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.version);
                if (message["package"] != null && $Object.hasOwnProperty.call(message, "package") && message["package"].length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message["package"]);
                if (message.variant != null && $Object.hasOwnProperty.call(message, "variant") && message.variant !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.variant);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a SlotReport message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.SlotReport
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.SlotReport & sedge.v1.SlotReport.$Shape} SlotReport
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            SlotReport.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.SlotReport();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message["package"] = value;
                            else
                                delete message["package"];
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.variant = value;
                            else
                                delete message.variant;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return SlotReport;
        })();

        v1.UpdateFailure = (function() {

            /**
             * Properties of an UpdateFailure.
             * @typedef {Object} sedge.v1.UpdateFailure.$Properties
             * @property {Uint8Array|null} ["package"] UpdateFailure package
             * @property {number|null} [kind] UpdateFailure kind
             * @property {string|null} [reason] UpdateFailure reason
             * @property {boolean|null} [by_hand] UpdateFailure by_hand
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an UpdateFailure.
             * @memberof sedge.v1
             * @interface IUpdateFailure
             * @augments sedge.v1.UpdateFailure.$Properties
             * @deprecated Use sedge.v1.UpdateFailure.$Properties instead.
             */

            /**
             * Shape of an UpdateFailure.
             * @typedef {sedge.v1.UpdateFailure.$Properties} sedge.v1.UpdateFailure.$Shape
             */

            /**
             * Constructs a new UpdateFailure.
             * @memberof sedge.v1
             * @classdesc Represents an UpdateFailure.
             * @constructor
             * @param {sedge.v1.UpdateFailure.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const UpdateFailure = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * UpdateFailure package.
             * @member {Uint8Array} package
             * @memberof sedge.v1.UpdateFailure
             * @instance
             */
            UpdateFailure.prototype["package"] = $util.newBuffer([]);

            /**
             * UpdateFailure kind.
             * @member {number} kind
             * @memberof sedge.v1.UpdateFailure
             * @instance
             */
            UpdateFailure.prototype.kind = 0;

            /**
             * UpdateFailure reason.
             * @member {string} reason
             * @memberof sedge.v1.UpdateFailure
             * @instance
             */
            UpdateFailure.prototype.reason = "";

            /**
             * UpdateFailure by_hand.
             * @member {boolean} by_hand
             * @memberof sedge.v1.UpdateFailure
             * @instance
             */
            UpdateFailure.prototype.by_hand = false;

            /**
             * Creates a new UpdateFailure instance using the specified properties.
             * @function create
             * @memberof sedge.v1.UpdateFailure
             * @static
             * @param {sedge.v1.UpdateFailure.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.UpdateFailure} UpdateFailure instance
             * @type {{
             *   (properties: sedge.v1.UpdateFailure.$Shape): sedge.v1.UpdateFailure & sedge.v1.UpdateFailure.$Shape;
             *   (properties?: sedge.v1.UpdateFailure.$Properties): sedge.v1.UpdateFailure;
             * }}
             */
            UpdateFailure.create = function(properties) {
                return new UpdateFailure(properties);
            };

            /**
             * Encodes the specified UpdateFailure message. Does not implicitly {@link sedge.v1.UpdateFailure.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.UpdateFailure
             * @static
             * @param {sedge.v1.UpdateFailure.$Properties} message UpdateFailure message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            UpdateFailure.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message["package"] != null && $Object.hasOwnProperty.call(message, "package") && message["package"].length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message["package"]);
                if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.kind);
                if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.reason);
                if (message.by_hand != null && $Object.hasOwnProperty.call(message, "by_hand") && message.by_hand !== false)
                    writer.uint32(/* id 4, wireType 0 =*/32).bool(message.by_hand);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an UpdateFailure message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.UpdateFailure
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.UpdateFailure & sedge.v1.UpdateFailure.$Shape} UpdateFailure
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            UpdateFailure.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.UpdateFailure();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message["package"] = value;
                            else
                                delete message["package"];
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.kind = value;
                            else
                                delete message.kind;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.reason = value;
                            else
                                delete message.reason;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.by_hand = value;
                            else
                                delete message.by_hand;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return UpdateFailure;
        })();

        v1.TelemetryBatch = (function() {

            /**
             * Properties of a TelemetryBatch.
             * @typedef {Object} sedge.v1.TelemetryBatch.$Properties
             * @property {number|null} [lane] TelemetryBatch lane
             * @property {string|null} [epoch] TelemetryBatch epoch
             * @property {Array.<sedge.v1.TelemetryRecord.$Properties>|null} [records] TelemetryBatch records
             * @property {boolean|null} [starts_at_oldest] TelemetryBatch starts_at_oldest
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a TelemetryBatch.
             * @memberof sedge.v1
             * @interface ITelemetryBatch
             * @augments sedge.v1.TelemetryBatch.$Properties
             * @deprecated Use sedge.v1.TelemetryBatch.$Properties instead.
             */

            /**
             * Shape of a TelemetryBatch.
             * @typedef {{
             *   lane?: number|null;
             *   epoch?: string|null;
             *   records?: Array.<sedge.v1.TelemetryRecord.$Shape>|null;
             *   starts_at_oldest?: boolean|null;
             *   $unknowns?: Array.<Uint8Array>;
             * }} sedge.v1.TelemetryBatch.$Shape
             */

            /**
             * Constructs a new TelemetryBatch.
             * @memberof sedge.v1
             * @classdesc Represents a TelemetryBatch.
             * @constructor
             * @param {sedge.v1.TelemetryBatch.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const TelemetryBatch = function (properties) {
                this.records = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * TelemetryBatch lane.
             * @member {number} lane
             * @memberof sedge.v1.TelemetryBatch
             * @instance
             */
            TelemetryBatch.prototype.lane = 0;

            /**
             * TelemetryBatch epoch.
             * @member {string} epoch
             * @memberof sedge.v1.TelemetryBatch
             * @instance
             */
            TelemetryBatch.prototype.epoch = "";

            /**
             * TelemetryBatch records.
             * @member {Array.<sedge.v1.TelemetryRecord.$Properties>} records
             * @memberof sedge.v1.TelemetryBatch
             * @instance
             */
            TelemetryBatch.prototype.records = $util.emptyArray;

            /**
             * TelemetryBatch starts_at_oldest.
             * @member {boolean} starts_at_oldest
             * @memberof sedge.v1.TelemetryBatch
             * @instance
             */
            TelemetryBatch.prototype.starts_at_oldest = false;

            /**
             * Creates a new TelemetryBatch instance using the specified properties.
             * @function create
             * @memberof sedge.v1.TelemetryBatch
             * @static
             * @param {sedge.v1.TelemetryBatch.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.TelemetryBatch} TelemetryBatch instance
             * @type {{
             *   (properties: sedge.v1.TelemetryBatch.$Shape): sedge.v1.TelemetryBatch & sedge.v1.TelemetryBatch.$Shape;
             *   (properties?: sedge.v1.TelemetryBatch.$Properties): sedge.v1.TelemetryBatch;
             * }}
             */
            TelemetryBatch.create = function(properties) {
                return new TelemetryBatch(properties);
            };

            /**
             * Encodes the specified TelemetryBatch message. Does not implicitly {@link sedge.v1.TelemetryBatch.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.TelemetryBatch
             * @static
             * @param {sedge.v1.TelemetryBatch.$Properties} message TelemetryBatch message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            TelemetryBatch.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.lane != null && $Object.hasOwnProperty.call(message, "lane") && message.lane !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.lane);
                if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.epoch);
                if (message.records != null && message.records.length)
                    for (let i = 0; i < message.records.length; ++i)
                        $root.sedge.v1.TelemetryRecord.encode(message.records[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message.starts_at_oldest != null && $Object.hasOwnProperty.call(message, "starts_at_oldest") && message.starts_at_oldest !== false)
                    writer.uint32(/* id 4, wireType 0 =*/32).bool(message.starts_at_oldest);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a TelemetryBatch message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.TelemetryBatch
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.TelemetryBatch & sedge.v1.TelemetryBatch.$Shape} TelemetryBatch
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            TelemetryBatch.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.TelemetryBatch();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.lane = value;
                            else
                                delete message.lane;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.epoch = value;
                            else
                                delete message.epoch;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.records && message.records.length))
                                message.records = [];
                            message.records.push($root.sedge.v1.TelemetryRecord.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.starts_at_oldest = value;
                            else
                                delete message.starts_at_oldest;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return TelemetryBatch;
        })();

        v1.TelemetryRecord = (function() {

            /**
             * Properties of a TelemetryRecord.
             * @typedef {Object} sedge.v1.TelemetryRecord.$Properties
             * @property {number|null} [seq] TelemetryRecord seq
             * @property {number|null} [time_ms] TelemetryRecord time_ms
             * @property {sedge.v1.Window.$Properties|null} [window] TelemetryRecord window
             * @property {sedge.v1.LifecycleEvent.$Properties|null} [event] TelemetryRecord event
             * @property {sedge.v1.Tombstone.$Properties|null} [tombstone] TelemetryRecord tombstone
             * @property {sedge.v1.Sample.$Properties|null} [sample] TelemetryRecord sample
             * @property {sedge.v1.Health.$Properties|null} [health] TelemetryRecord health
             * @property {sedge.v1.LogLine.$Properties|null} [log] TelemetryRecord log
             * @property {"window"|"event"|"tombstone"|"sample"|"health"|"log"} [body] TelemetryRecord body
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a TelemetryRecord.
             * @memberof sedge.v1
             * @interface ITelemetryRecord
             * @augments sedge.v1.TelemetryRecord.$Properties
             * @deprecated Use sedge.v1.TelemetryRecord.$Properties instead.
             */

            /**
             * Narrowed shape of a TelemetryRecord.
             * @typedef {{
             *   seq?: number|null;
             *   time_ms?: number|null;
             *   window?: sedge.v1.Window.$Shape|null;
             *   event?: sedge.v1.LifecycleEvent.$Shape|null;
             *   tombstone?: sedge.v1.Tombstone.$Shape|null;
             *   sample?: sedge.v1.Sample.$Shape|null;
             *   health?: sedge.v1.Health.$Shape|null;
             *   log?: sedge.v1.LogLine.$Shape|null;
             *   $unknowns?: Array.<Uint8Array>;
             * } & (
             *   ({ body?: undefined; window?: null; event?: null; tombstone?: null; sample?: null; health?: null; log?: null }|{ body?: "window"; window: sedge.v1.Window.$Shape; event?: null; tombstone?: null; sample?: null; health?: null; log?: null }|{ body?: "event"; window?: null; event: sedge.v1.LifecycleEvent.$Shape; tombstone?: null; sample?: null; health?: null; log?: null }|{ body?: "tombstone"; window?: null; event?: null; tombstone: sedge.v1.Tombstone.$Shape; sample?: null; health?: null; log?: null }|{ body?: "sample"; window?: null; event?: null; tombstone?: null; sample: sedge.v1.Sample.$Shape; health?: null; log?: null }|{ body?: "health"; window?: null; event?: null; tombstone?: null; sample?: null; health: sedge.v1.Health.$Shape; log?: null }|{ body?: "log"; window?: null; event?: null; tombstone?: null; sample?: null; health?: null; log: sedge.v1.LogLine.$Shape })
             * )} sedge.v1.TelemetryRecord.$Shape
             */

            /**
             * Constructs a new TelemetryRecord.
             * @memberof sedge.v1
             * @classdesc Represents a TelemetryRecord.
             * @constructor
             * @param {sedge.v1.TelemetryRecord.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const TelemetryRecord = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * TelemetryRecord seq.
             * @member {number} seq
             * @memberof sedge.v1.TelemetryRecord
             * @instance
             */
            TelemetryRecord.prototype.seq = 0;

            /**
             * TelemetryRecord time_ms.
             * @member {number} time_ms
             * @memberof sedge.v1.TelemetryRecord
             * @instance
             */
            TelemetryRecord.prototype.time_ms = 0;

            /**
             * TelemetryRecord window.
             * @member {sedge.v1.Window.$Properties|null|undefined} window
             * @memberof sedge.v1.TelemetryRecord
             * @instance
             */
            TelemetryRecord.prototype.window = null;

            /**
             * TelemetryRecord event.
             * @member {sedge.v1.LifecycleEvent.$Properties|null|undefined} event
             * @memberof sedge.v1.TelemetryRecord
             * @instance
             */
            TelemetryRecord.prototype.event = null;

            /**
             * TelemetryRecord tombstone.
             * @member {sedge.v1.Tombstone.$Properties|null|undefined} tombstone
             * @memberof sedge.v1.TelemetryRecord
             * @instance
             */
            TelemetryRecord.prototype.tombstone = null;

            /**
             * TelemetryRecord sample.
             * @member {sedge.v1.Sample.$Properties|null|undefined} sample
             * @memberof sedge.v1.TelemetryRecord
             * @instance
             */
            TelemetryRecord.prototype.sample = null;

            /**
             * TelemetryRecord health.
             * @member {sedge.v1.Health.$Properties|null|undefined} health
             * @memberof sedge.v1.TelemetryRecord
             * @instance
             */
            TelemetryRecord.prototype.health = null;

            /**
             * TelemetryRecord log.
             * @member {sedge.v1.LogLine.$Properties|null|undefined} log
             * @memberof sedge.v1.TelemetryRecord
             * @instance
             */
            TelemetryRecord.prototype.log = null;

            // OneOf field names bound to virtual getters and setters
            let $oneOfFields;

            /**
             * TelemetryRecord body.
             * @member {"window"|"event"|"tombstone"|"sample"|"health"|"log"|undefined} body
             * @memberof sedge.v1.TelemetryRecord
             * @instance
             */
            $Object.defineProperty(TelemetryRecord.prototype, "body", {
                get: $util.oneOfGetter($oneOfFields = ["window", "event", "tombstone", "sample", "health", "log"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            /**
             * Creates a new TelemetryRecord instance using the specified properties.
             * @function create
             * @memberof sedge.v1.TelemetryRecord
             * @static
             * @param {sedge.v1.TelemetryRecord.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.TelemetryRecord} TelemetryRecord instance
             * @type {{
             *   (properties: sedge.v1.TelemetryRecord.$Shape): sedge.v1.TelemetryRecord & sedge.v1.TelemetryRecord.$Shape;
             *   (properties?: sedge.v1.TelemetryRecord.$Properties): sedge.v1.TelemetryRecord;
             * }}
             */
            TelemetryRecord.create = function(properties) {
                return new TelemetryRecord(properties);
            };

            /**
             * Encodes the specified TelemetryRecord message. Does not implicitly {@link sedge.v1.TelemetryRecord.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.TelemetryRecord
             * @static
             * @param {sedge.v1.TelemetryRecord.$Properties} message TelemetryRecord message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            TelemetryRecord.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.seq != null && $Object.hasOwnProperty.call(message, "seq") && message.seq !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.seq);
                if (message.time_ms != null && $Object.hasOwnProperty.call(message, "time_ms") && !$Object.is(message.time_ms, 0))
                    writer.uint32(/* id 2, wireType 1 =*/17).double(message.time_ms);
                if (message.window != null && $Object.hasOwnProperty.call(message, "window"))
                    $root.sedge.v1.Window.encode(message.window, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message.event != null && $Object.hasOwnProperty.call(message, "event"))
                    $root.sedge.v1.LifecycleEvent.encode(message.event, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                if (message.tombstone != null && $Object.hasOwnProperty.call(message, "tombstone"))
                    $root.sedge.v1.Tombstone.encode(message.tombstone, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                if (message.sample != null && $Object.hasOwnProperty.call(message, "sample"))
                    $root.sedge.v1.Sample.encode(message.sample, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                if (message.health != null && $Object.hasOwnProperty.call(message, "health"))
                    $root.sedge.v1.Health.encode(message.health, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                if (message.log != null && $Object.hasOwnProperty.call(message, "log"))
                    $root.sedge.v1.LogLine.encode(message.log, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a TelemetryRecord message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.TelemetryRecord
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.TelemetryRecord & sedge.v1.TelemetryRecord.$Shape} TelemetryRecord
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            TelemetryRecord.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.TelemetryRecord();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.seq = value;
                            else
                                delete message.seq;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.time_ms = value;
                            else
                                delete message.time_ms;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.window = $root.sedge.v1.Window.decode(reader, reader.size(), $undefined, _depth + 1, message.window);
                            message.body = "window";
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.event = $root.sedge.v1.LifecycleEvent.decode(reader, reader.size(), $undefined, _depth + 1, message.event);
                            message.body = "event";
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.tombstone = $root.sedge.v1.Tombstone.decode(reader, reader.size(), $undefined, _depth + 1, message.tombstone);
                            message.body = "tombstone";
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.sample = $root.sedge.v1.Sample.decode(reader, reader.size(), $undefined, _depth + 1, message.sample);
                            message.body = "sample";
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            message.health = $root.sedge.v1.Health.decode(reader, reader.size(), $undefined, _depth + 1, message.health);
                            message.body = "health";
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            message.log = $root.sedge.v1.LogLine.decode(reader, reader.size(), $undefined, _depth + 1, message.log);
                            message.body = "log";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return TelemetryRecord;
        })();

        v1.Window = (function() {

            /**
             * Properties of a Window.
             * @typedef {Object} sedge.v1.Window.$Properties
             * @property {string|null} [model] Window model
             * @property {string|null} [version] Window version
             * @property {Uint8Array|null} ["package"] Window package
             * @property {string|null} [variant] Window variant
             * @property {number|null} [started_at_ms] Window started_at_ms
             * @property {number|null} [ended_at_ms] Window ended_at_ms
             * @property {number|null} [inferences] Window inferences
             * @property {Array.<sedge.v1.ErrorCount.$Properties>|null} [errors] Window errors
             * @property {sedge.v1.SparseCounts.$Properties|null} [latency] Window latency
             * @property {Array.<sedge.v1.StreamCounts.$Properties>|null} [streams] Window streams
             * @property {boolean|null} [trial] Window trial
             * @property {sedge.v1.Feedback.$Properties|null} [feedback] Window feedback
             * @property {sedge.v1.Agreement.$Properties|null} [shadow] Window shadow
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Window.
             * @memberof sedge.v1
             * @interface IWindow
             * @augments sedge.v1.Window.$Properties
             * @deprecated Use sedge.v1.Window.$Properties instead.
             */

            /**
             * Shape of a Window.
             * @typedef {sedge.v1.Window.$Properties} sedge.v1.Window.$Shape
             */

            /**
             * Constructs a new Window.
             * @memberof sedge.v1
             * @classdesc Represents a Window.
             * @constructor
             * @param {sedge.v1.Window.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Window = function (properties) {
                this.errors = [];
                this.streams = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Window model.
             * @member {string} model
             * @memberof sedge.v1.Window
             * @instance
             */
            Window.prototype.model = "";

            /**
             * Window version.
             * @member {string} version
             * @memberof sedge.v1.Window
             * @instance
             */
            Window.prototype.version = "";

            /**
             * Window package.
             * @member {Uint8Array} package
             * @memberof sedge.v1.Window
             * @instance
             */
            Window.prototype["package"] = $util.newBuffer([]);

            /**
             * Window variant.
             * @member {string} variant
             * @memberof sedge.v1.Window
             * @instance
             */
            Window.prototype.variant = "";

            /**
             * Window started_at_ms.
             * @member {number} started_at_ms
             * @memberof sedge.v1.Window
             * @instance
             */
            Window.prototype.started_at_ms = 0;

            /**
             * Window ended_at_ms.
             * @member {number} ended_at_ms
             * @memberof sedge.v1.Window
             * @instance
             */
            Window.prototype.ended_at_ms = 0;

            /**
             * Window inferences.
             * @member {number} inferences
             * @memberof sedge.v1.Window
             * @instance
             */
            Window.prototype.inferences = 0;

            /**
             * Window errors.
             * @member {Array.<sedge.v1.ErrorCount.$Properties>} errors
             * @memberof sedge.v1.Window
             * @instance
             */
            Window.prototype.errors = $util.emptyArray;

            /**
             * Window latency.
             * @member {sedge.v1.SparseCounts.$Properties|null|undefined} latency
             * @memberof sedge.v1.Window
             * @instance
             */
            Window.prototype.latency = null;

            /**
             * Window streams.
             * @member {Array.<sedge.v1.StreamCounts.$Properties>} streams
             * @memberof sedge.v1.Window
             * @instance
             */
            Window.prototype.streams = $util.emptyArray;

            /**
             * Window trial.
             * @member {boolean} trial
             * @memberof sedge.v1.Window
             * @instance
             */
            Window.prototype.trial = false;

            /**
             * Window feedback.
             * @member {sedge.v1.Feedback.$Properties|null|undefined} feedback
             * @memberof sedge.v1.Window
             * @instance
             */
            Window.prototype.feedback = null;

            /**
             * Window shadow.
             * @member {sedge.v1.Agreement.$Properties|null|undefined} shadow
             * @memberof sedge.v1.Window
             * @instance
             */
            Window.prototype.shadow = null;

            /**
             * Creates a new Window instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Window
             * @static
             * @param {sedge.v1.Window.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Window} Window instance
             * @type {{
             *   (properties: sedge.v1.Window.$Shape): sedge.v1.Window & sedge.v1.Window.$Shape;
             *   (properties?: sedge.v1.Window.$Properties): sedge.v1.Window;
             * }}
             */
            Window.create = function(properties) {
                return new Window(properties);
            };

            /**
             * Encodes the specified Window message. Does not implicitly {@link sedge.v1.Window.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Window
             * @static
             * @param {sedge.v1.Window.$Properties} message Window message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Window.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.model != null && $Object.hasOwnProperty.call(message, "model") && message.model !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.model);
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.version);
                if (message["package"] != null && $Object.hasOwnProperty.call(message, "package") && message["package"].length)
                    writer.uint32(/* id 3, wireType 2 =*/26).bytes(message["package"]);
                if (message.variant != null && $Object.hasOwnProperty.call(message, "variant") && message.variant !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.variant);
                if (message.started_at_ms != null && $Object.hasOwnProperty.call(message, "started_at_ms") && !$Object.is(message.started_at_ms, 0))
                    writer.uint32(/* id 5, wireType 1 =*/41).double(message.started_at_ms);
                if (message.ended_at_ms != null && $Object.hasOwnProperty.call(message, "ended_at_ms") && !$Object.is(message.ended_at_ms, 0))
                    writer.uint32(/* id 6, wireType 1 =*/49).double(message.ended_at_ms);
                if (message.inferences != null && $Object.hasOwnProperty.call(message, "inferences") && message.inferences !== 0)
                    writer.uint32(/* id 7, wireType 0 =*/56).uint32(message.inferences);
                if (message.errors != null && message.errors.length)
                    for (let i = 0; i < message.errors.length; ++i)
                        $root.sedge.v1.ErrorCount.encode(message.errors[i], writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
                if (message.latency != null && $Object.hasOwnProperty.call(message, "latency"))
                    $root.sedge.v1.SparseCounts.encode(message.latency, writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
                if (message.streams != null && message.streams.length)
                    for (let i = 0; i < message.streams.length; ++i)
                        $root.sedge.v1.StreamCounts.encode(message.streams[i], writer.uint32(/* id 10, wireType 2 =*/82).fork(), _depth + 1).ldelim();
                if (message.trial != null && $Object.hasOwnProperty.call(message, "trial") && message.trial !== false)
                    writer.uint32(/* id 11, wireType 0 =*/88).bool(message.trial);
                if (message.feedback != null && $Object.hasOwnProperty.call(message, "feedback"))
                    $root.sedge.v1.Feedback.encode(message.feedback, writer.uint32(/* id 12, wireType 2 =*/98).fork(), _depth + 1).ldelim();
                if (message.shadow != null && $Object.hasOwnProperty.call(message, "shadow"))
                    $root.sedge.v1.Agreement.encode(message.shadow, writer.uint32(/* id 17, wireType 2 =*/138).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Window message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Window
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Window & sedge.v1.Window.$Shape} Window
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Window.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Window();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.model = value;
                            else
                                delete message.model;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message["package"] = value;
                            else
                                delete message["package"];
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.variant = value;
                            else
                                delete message.variant;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.started_at_ms = value;
                            else
                                delete message.started_at_ms;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.ended_at_ms = value;
                            else
                                delete message.ended_at_ms;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.inferences = value;
                            else
                                delete message.inferences;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if (!(message.errors && message.errors.length))
                                message.errors = [];
                            message.errors.push($root.sedge.v1.ErrorCount.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            message.latency = $root.sedge.v1.SparseCounts.decode(reader, reader.size(), $undefined, _depth + 1, message.latency);
                            continue;
                        }
                    case 10: {
                            if (wireType !== 2)
                                break;
                            if (!(message.streams && message.streams.length))
                                message.streams = [];
                            message.streams.push($root.sedge.v1.StreamCounts.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 11: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.trial = value;
                            else
                                delete message.trial;
                            continue;
                        }
                    case 12: {
                            if (wireType !== 2)
                                break;
                            message.feedback = $root.sedge.v1.Feedback.decode(reader, reader.size(), $undefined, _depth + 1, message.feedback);
                            continue;
                        }
                    case 17: {
                            if (wireType !== 2)
                                break;
                            message.shadow = $root.sedge.v1.Agreement.decode(reader, reader.size(), $undefined, _depth + 1, message.shadow);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Window;
        })();

        v1.Agreement = (function() {

            /**
             * Properties of an Agreement.
             * @typedef {Object} sedge.v1.Agreement.$Properties
             * @property {number|null} [compared] Agreement compared
             * @property {number|null} [disagreed] Agreement disagreed
             * @property {number|null} [skipped] Agreement skipped
             * @property {number|null} [active_work_ms] Agreement active_work_ms
             * @property {number|null} [candidate_work_ms] Agreement candidate_work_ms
             * @property {number|null} [failed] Agreement failed
             * @property {sedge.v1.SparseCounts.$Properties|null} [distance] Agreement distance
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an Agreement.
             * @memberof sedge.v1
             * @interface IAgreement
             * @augments sedge.v1.Agreement.$Properties
             * @deprecated Use sedge.v1.Agreement.$Properties instead.
             */

            /**
             * Shape of an Agreement.
             * @typedef {sedge.v1.Agreement.$Properties} sedge.v1.Agreement.$Shape
             */

            /**
             * Constructs a new Agreement.
             * @memberof sedge.v1
             * @classdesc Represents an Agreement.
             * @constructor
             * @param {sedge.v1.Agreement.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Agreement = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Agreement compared.
             * @member {number} compared
             * @memberof sedge.v1.Agreement
             * @instance
             */
            Agreement.prototype.compared = 0;

            /**
             * Agreement disagreed.
             * @member {number} disagreed
             * @memberof sedge.v1.Agreement
             * @instance
             */
            Agreement.prototype.disagreed = 0;

            /**
             * Agreement skipped.
             * @member {number} skipped
             * @memberof sedge.v1.Agreement
             * @instance
             */
            Agreement.prototype.skipped = 0;

            /**
             * Agreement active_work_ms.
             * @member {number} active_work_ms
             * @memberof sedge.v1.Agreement
             * @instance
             */
            Agreement.prototype.active_work_ms = 0;

            /**
             * Agreement candidate_work_ms.
             * @member {number} candidate_work_ms
             * @memberof sedge.v1.Agreement
             * @instance
             */
            Agreement.prototype.candidate_work_ms = 0;

            /**
             * Agreement failed.
             * @member {number} failed
             * @memberof sedge.v1.Agreement
             * @instance
             */
            Agreement.prototype.failed = 0;

            /**
             * Agreement distance.
             * @member {sedge.v1.SparseCounts.$Properties|null|undefined} distance
             * @memberof sedge.v1.Agreement
             * @instance
             */
            Agreement.prototype.distance = null;

            /**
             * Creates a new Agreement instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Agreement
             * @static
             * @param {sedge.v1.Agreement.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Agreement} Agreement instance
             * @type {{
             *   (properties: sedge.v1.Agreement.$Shape): sedge.v1.Agreement & sedge.v1.Agreement.$Shape;
             *   (properties?: sedge.v1.Agreement.$Properties): sedge.v1.Agreement;
             * }}
             */
            Agreement.create = function(properties) {
                return new Agreement(properties);
            };

            /**
             * Encodes the specified Agreement message. Does not implicitly {@link sedge.v1.Agreement.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Agreement
             * @static
             * @param {sedge.v1.Agreement.$Properties} message Agreement message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Agreement.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.compared != null && $Object.hasOwnProperty.call(message, "compared") && message.compared !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.compared);
                if (message.disagreed != null && $Object.hasOwnProperty.call(message, "disagreed") && message.disagreed !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.disagreed);
                if (message.skipped != null && $Object.hasOwnProperty.call(message, "skipped") && message.skipped !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.skipped);
                if (message.active_work_ms != null && $Object.hasOwnProperty.call(message, "active_work_ms") && !$Object.is(message.active_work_ms, 0))
                    writer.uint32(/* id 4, wireType 1 =*/33).double(message.active_work_ms);
                if (message.candidate_work_ms != null && $Object.hasOwnProperty.call(message, "candidate_work_ms") && !$Object.is(message.candidate_work_ms, 0))
                    writer.uint32(/* id 5, wireType 1 =*/41).double(message.candidate_work_ms);
                if (message.failed != null && $Object.hasOwnProperty.call(message, "failed") && message.failed !== 0)
                    writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.failed);
                if (message.distance != null && $Object.hasOwnProperty.call(message, "distance"))
                    $root.sedge.v1.SparseCounts.encode(message.distance, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an Agreement message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Agreement
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Agreement & sedge.v1.Agreement.$Shape} Agreement
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Agreement.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Agreement();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.compared = value;
                            else
                                delete message.compared;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.disagreed = value;
                            else
                                delete message.disagreed;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.skipped = value;
                            else
                                delete message.skipped;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.active_work_ms = value;
                            else
                                delete message.active_work_ms;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.candidate_work_ms = value;
                            else
                                delete message.candidate_work_ms;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.failed = value;
                            else
                                delete message.failed;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            message.distance = $root.sedge.v1.SparseCounts.decode(reader, reader.size(), $undefined, _depth + 1, message.distance);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Agreement;
        })();

        v1.Feedback = (function() {

            /**
             * Properties of a Feedback.
             * @typedef {Object} sedge.v1.Feedback.$Properties
             * @property {number|null} [right] Feedback right
             * @property {number|null} [wrong] Feedback wrong
             * @property {number|null} [values] Feedback values
             * @property {number|null} [absolute_error] Feedback absolute_error
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Feedback.
             * @memberof sedge.v1
             * @interface IFeedback
             * @augments sedge.v1.Feedback.$Properties
             * @deprecated Use sedge.v1.Feedback.$Properties instead.
             */

            /**
             * Shape of a Feedback.
             * @typedef {sedge.v1.Feedback.$Properties} sedge.v1.Feedback.$Shape
             */

            /**
             * Constructs a new Feedback.
             * @memberof sedge.v1
             * @classdesc Represents a Feedback.
             * @constructor
             * @param {sedge.v1.Feedback.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Feedback = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Feedback right.
             * @member {number} right
             * @memberof sedge.v1.Feedback
             * @instance
             */
            Feedback.prototype.right = 0;

            /**
             * Feedback wrong.
             * @member {number} wrong
             * @memberof sedge.v1.Feedback
             * @instance
             */
            Feedback.prototype.wrong = 0;

            /**
             * Feedback values.
             * @member {number} values
             * @memberof sedge.v1.Feedback
             * @instance
             */
            Feedback.prototype.values = 0;

            /**
             * Feedback absolute_error.
             * @member {number} absolute_error
             * @memberof sedge.v1.Feedback
             * @instance
             */
            Feedback.prototype.absolute_error = 0;

            /**
             * Creates a new Feedback instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Feedback
             * @static
             * @param {sedge.v1.Feedback.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Feedback} Feedback instance
             * @type {{
             *   (properties: sedge.v1.Feedback.$Shape): sedge.v1.Feedback & sedge.v1.Feedback.$Shape;
             *   (properties?: sedge.v1.Feedback.$Properties): sedge.v1.Feedback;
             * }}
             */
            Feedback.create = function(properties) {
                return new Feedback(properties);
            };

            /**
             * Encodes the specified Feedback message. Does not implicitly {@link sedge.v1.Feedback.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Feedback
             * @static
             * @param {sedge.v1.Feedback.$Properties} message Feedback message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Feedback.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.right != null && $Object.hasOwnProperty.call(message, "right") && message.right !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.right);
                if (message.wrong != null && $Object.hasOwnProperty.call(message, "wrong") && message.wrong !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.wrong);
                if (message.values != null && $Object.hasOwnProperty.call(message, "values") && message.values !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.values);
                if (message.absolute_error != null && $Object.hasOwnProperty.call(message, "absolute_error") && !$Object.is(message.absolute_error, 0))
                    writer.uint32(/* id 4, wireType 1 =*/33).double(message.absolute_error);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Feedback message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Feedback
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Feedback & sedge.v1.Feedback.$Shape} Feedback
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Feedback.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Feedback();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.right = value;
                            else
                                delete message.right;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.wrong = value;
                            else
                                delete message.wrong;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.values = value;
                            else
                                delete message.values;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.absolute_error = value;
                            else
                                delete message.absolute_error;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Feedback;
        })();

        v1.Sample = (function() {

            /**
             * Properties of a Sample.
             * @typedef {Object} sedge.v1.Sample.$Properties
             * @property {string|null} [model] Sample model
             * @property {string|null} [version] Sample version
             * @property {Uint8Array|null} ["package"] Sample package
             * @property {string|null} [variant] Sample variant
             * @property {number|null} [taken_at_ms] Sample taken_at_ms
             * @property {number|null} [reason] Sample reason
             * @property {number|null} [inclusion_probability] Sample inclusion_probability
             * @property {Uint8Array|null} [ephemeral_key] Sample ephemeral_key
             * @property {Uint8Array|null} [ciphertext] Sample ciphertext
             * @property {number|null} [part] Sample part
             * @property {number|null} [parts] Sample parts
             * @property {string|null} [request] Sample request
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Sample.
             * @memberof sedge.v1
             * @interface ISample
             * @augments sedge.v1.Sample.$Properties
             * @deprecated Use sedge.v1.Sample.$Properties instead.
             */

            /**
             * Shape of a Sample.
             * @typedef {sedge.v1.Sample.$Properties} sedge.v1.Sample.$Shape
             */

            /**
             * Constructs a new Sample.
             * @memberof sedge.v1
             * @classdesc Represents a Sample.
             * @constructor
             * @param {sedge.v1.Sample.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Sample = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Sample model.
             * @member {string} model
             * @memberof sedge.v1.Sample
             * @instance
             */
            Sample.prototype.model = "";

            /**
             * Sample version.
             * @member {string} version
             * @memberof sedge.v1.Sample
             * @instance
             */
            Sample.prototype.version = "";

            /**
             * Sample package.
             * @member {Uint8Array} package
             * @memberof sedge.v1.Sample
             * @instance
             */
            Sample.prototype["package"] = $util.newBuffer([]);

            /**
             * Sample variant.
             * @member {string} variant
             * @memberof sedge.v1.Sample
             * @instance
             */
            Sample.prototype.variant = "";

            /**
             * Sample taken_at_ms.
             * @member {number} taken_at_ms
             * @memberof sedge.v1.Sample
             * @instance
             */
            Sample.prototype.taken_at_ms = 0;

            /**
             * Sample reason.
             * @member {number} reason
             * @memberof sedge.v1.Sample
             * @instance
             */
            Sample.prototype.reason = 0;

            /**
             * Sample inclusion_probability.
             * @member {number} inclusion_probability
             * @memberof sedge.v1.Sample
             * @instance
             */
            Sample.prototype.inclusion_probability = 0;

            /**
             * Sample ephemeral_key.
             * @member {Uint8Array} ephemeral_key
             * @memberof sedge.v1.Sample
             * @instance
             */
            Sample.prototype.ephemeral_key = $util.newBuffer([]);

            /**
             * Sample ciphertext.
             * @member {Uint8Array} ciphertext
             * @memberof sedge.v1.Sample
             * @instance
             */
            Sample.prototype.ciphertext = $util.newBuffer([]);

            /**
             * Sample part.
             * @member {number} part
             * @memberof sedge.v1.Sample
             * @instance
             */
            Sample.prototype.part = 0;

            /**
             * Sample parts.
             * @member {number} parts
             * @memberof sedge.v1.Sample
             * @instance
             */
            Sample.prototype.parts = 0;

            /**
             * Sample request.
             * @member {string} request
             * @memberof sedge.v1.Sample
             * @instance
             */
            Sample.prototype.request = "";

            /**
             * Creates a new Sample instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Sample
             * @static
             * @param {sedge.v1.Sample.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Sample} Sample instance
             * @type {{
             *   (properties: sedge.v1.Sample.$Shape): sedge.v1.Sample & sedge.v1.Sample.$Shape;
             *   (properties?: sedge.v1.Sample.$Properties): sedge.v1.Sample;
             * }}
             */
            Sample.create = function(properties) {
                return new Sample(properties);
            };

            /**
             * Encodes the specified Sample message. Does not implicitly {@link sedge.v1.Sample.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Sample
             * @static
             * @param {sedge.v1.Sample.$Properties} message Sample message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Sample.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.model != null && $Object.hasOwnProperty.call(message, "model") && message.model !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.model);
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.version);
                if (message["package"] != null && $Object.hasOwnProperty.call(message, "package") && message["package"].length)
                    writer.uint32(/* id 3, wireType 2 =*/26).bytes(message["package"]);
                if (message.variant != null && $Object.hasOwnProperty.call(message, "variant") && message.variant !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.variant);
                if (message.taken_at_ms != null && $Object.hasOwnProperty.call(message, "taken_at_ms") && !$Object.is(message.taken_at_ms, 0))
                    writer.uint32(/* id 5, wireType 1 =*/41).double(message.taken_at_ms);
                if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== 0)
                    writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.reason);
                if (message.inclusion_probability != null && $Object.hasOwnProperty.call(message, "inclusion_probability") && !$Object.is(message.inclusion_probability, 0))
                    writer.uint32(/* id 7, wireType 1 =*/57).double(message.inclusion_probability);
                if (message.ephemeral_key != null && $Object.hasOwnProperty.call(message, "ephemeral_key") && message.ephemeral_key.length)
                    writer.uint32(/* id 8, wireType 2 =*/66).bytes(message.ephemeral_key);
                if (message.ciphertext != null && $Object.hasOwnProperty.call(message, "ciphertext") && message.ciphertext.length)
                    writer.uint32(/* id 9, wireType 2 =*/74).bytes(message.ciphertext);
                if (message.part != null && $Object.hasOwnProperty.call(message, "part") && message.part !== 0)
                    writer.uint32(/* id 10, wireType 0 =*/80).uint32(message.part);
                if (message.parts != null && $Object.hasOwnProperty.call(message, "parts") && message.parts !== 0)
                    writer.uint32(/* id 11, wireType 0 =*/88).uint32(message.parts);
                if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== "")
                    writer.uint32(/* id 12, wireType 2 =*/98).string(message.request);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Sample message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Sample
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Sample & sedge.v1.Sample.$Shape} Sample
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Sample.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Sample();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.model = value;
                            else
                                delete message.model;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message["package"] = value;
                            else
                                delete message["package"];
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.variant = value;
                            else
                                delete message.variant;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.taken_at_ms = value;
                            else
                                delete message.taken_at_ms;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.reason = value;
                            else
                                delete message.reason;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.inclusion_probability = value;
                            else
                                delete message.inclusion_probability;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.ephemeral_key = value;
                            else
                                delete message.ephemeral_key;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.ciphertext = value;
                            else
                                delete message.ciphertext;
                            continue;
                        }
                    case 10: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.part = value;
                            else
                                delete message.part;
                            continue;
                        }
                    case 11: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.parts = value;
                            else
                                delete message.parts;
                            continue;
                        }
                    case 12: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.request = value;
                            else
                                delete message.request;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Sample;
        })();

        v1.Health = (function() {

            /**
             * Properties of a Health.
             * @typedef {Object} sedge.v1.Health.$Properties
             * @property {number|null} [started_at_ms] Health started_at_ms
             * @property {number|null} [ended_at_ms] Health ended_at_ms
             * @property {Array.<sedge.v1.HealthRange.$Properties>|null} [ranges] Health ranges
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Health.
             * @memberof sedge.v1
             * @interface IHealth
             * @augments sedge.v1.Health.$Properties
             * @deprecated Use sedge.v1.Health.$Properties instead.
             */

            /**
             * Shape of a Health.
             * @typedef {sedge.v1.Health.$Properties} sedge.v1.Health.$Shape
             */

            /**
             * Constructs a new Health.
             * @memberof sedge.v1
             * @classdesc Represents a Health.
             * @constructor
             * @param {sedge.v1.Health.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Health = function (properties) {
                this.ranges = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Health started_at_ms.
             * @member {number} started_at_ms
             * @memberof sedge.v1.Health
             * @instance
             */
            Health.prototype.started_at_ms = 0;

            /**
             * Health ended_at_ms.
             * @member {number} ended_at_ms
             * @memberof sedge.v1.Health
             * @instance
             */
            Health.prototype.ended_at_ms = 0;

            /**
             * Health ranges.
             * @member {Array.<sedge.v1.HealthRange.$Properties>} ranges
             * @memberof sedge.v1.Health
             * @instance
             */
            Health.prototype.ranges = $util.emptyArray;

            /**
             * Creates a new Health instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Health
             * @static
             * @param {sedge.v1.Health.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Health} Health instance
             * @type {{
             *   (properties: sedge.v1.Health.$Shape): sedge.v1.Health & sedge.v1.Health.$Shape;
             *   (properties?: sedge.v1.Health.$Properties): sedge.v1.Health;
             * }}
             */
            Health.create = function(properties) {
                return new Health(properties);
            };

            /**
             * Encodes the specified Health message. Does not implicitly {@link sedge.v1.Health.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Health
             * @static
             * @param {sedge.v1.Health.$Properties} message Health message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Health.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.started_at_ms != null && $Object.hasOwnProperty.call(message, "started_at_ms") && !$Object.is(message.started_at_ms, 0))
                    writer.uint32(/* id 1, wireType 1 =*/9).double(message.started_at_ms);
                if (message.ended_at_ms != null && $Object.hasOwnProperty.call(message, "ended_at_ms") && !$Object.is(message.ended_at_ms, 0))
                    writer.uint32(/* id 2, wireType 1 =*/17).double(message.ended_at_ms);
                if (message.ranges != null && message.ranges.length)
                    for (let i = 0; i < message.ranges.length; ++i)
                        $root.sedge.v1.HealthRange.encode(message.ranges[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Health message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Health
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Health & sedge.v1.Health.$Shape} Health
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Health.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Health();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.started_at_ms = value;
                            else
                                delete message.started_at_ms;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.ended_at_ms = value;
                            else
                                delete message.ended_at_ms;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.ranges && message.ranges.length))
                                message.ranges = [];
                            message.ranges.push($root.sedge.v1.HealthRange.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Health;
        })();

        v1.HealthRange = (function() {

            /**
             * Properties of a HealthRange.
             * @typedef {Object} sedge.v1.HealthRange.$Properties
             * @property {number|null} [measure] HealthRange measure
             * @property {number|null} [min] HealthRange min
             * @property {number|null} [mean] HealthRange mean
             * @property {number|null} [max] HealthRange max
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a HealthRange.
             * @memberof sedge.v1
             * @interface IHealthRange
             * @augments sedge.v1.HealthRange.$Properties
             * @deprecated Use sedge.v1.HealthRange.$Properties instead.
             */

            /**
             * Shape of a HealthRange.
             * @typedef {sedge.v1.HealthRange.$Properties} sedge.v1.HealthRange.$Shape
             */

            /**
             * Constructs a new HealthRange.
             * @memberof sedge.v1
             * @classdesc Represents a HealthRange.
             * @constructor
             * @param {sedge.v1.HealthRange.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const HealthRange = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * HealthRange measure.
             * @member {number} measure
             * @memberof sedge.v1.HealthRange
             * @instance
             */
            HealthRange.prototype.measure = 0;

            /**
             * HealthRange min.
             * @member {number} min
             * @memberof sedge.v1.HealthRange
             * @instance
             */
            HealthRange.prototype.min = 0;

            /**
             * HealthRange mean.
             * @member {number} mean
             * @memberof sedge.v1.HealthRange
             * @instance
             */
            HealthRange.prototype.mean = 0;

            /**
             * HealthRange max.
             * @member {number} max
             * @memberof sedge.v1.HealthRange
             * @instance
             */
            HealthRange.prototype.max = 0;

            /**
             * Creates a new HealthRange instance using the specified properties.
             * @function create
             * @memberof sedge.v1.HealthRange
             * @static
             * @param {sedge.v1.HealthRange.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.HealthRange} HealthRange instance
             * @type {{
             *   (properties: sedge.v1.HealthRange.$Shape): sedge.v1.HealthRange & sedge.v1.HealthRange.$Shape;
             *   (properties?: sedge.v1.HealthRange.$Properties): sedge.v1.HealthRange;
             * }}
             */
            HealthRange.create = function(properties) {
                return new HealthRange(properties);
            };

            /**
             * Encodes the specified HealthRange message. Does not implicitly {@link sedge.v1.HealthRange.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.HealthRange
             * @static
             * @param {sedge.v1.HealthRange.$Properties} message HealthRange message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            HealthRange.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.measure != null && $Object.hasOwnProperty.call(message, "measure") && message.measure !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.measure);
                if (message.min != null && $Object.hasOwnProperty.call(message, "min") && !$Object.is(message.min, 0))
                    writer.uint32(/* id 2, wireType 5 =*/21).float(message.min);
                if (message.mean != null && $Object.hasOwnProperty.call(message, "mean") && !$Object.is(message.mean, 0))
                    writer.uint32(/* id 3, wireType 5 =*/29).float(message.mean);
                if (message.max != null && $Object.hasOwnProperty.call(message, "max") && !$Object.is(message.max, 0))
                    writer.uint32(/* id 4, wireType 5 =*/37).float(message.max);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a HealthRange message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.HealthRange
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.HealthRange & sedge.v1.HealthRange.$Shape} HealthRange
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            HealthRange.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.HealthRange();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.measure = value;
                            else
                                delete message.measure;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 5)
                                break;
                            if (!$Object.is(value = reader.float(), 0))
                                message.min = value;
                            else
                                delete message.min;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 5)
                                break;
                            if (!$Object.is(value = reader.float(), 0))
                                message.mean = value;
                            else
                                delete message.mean;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 5)
                                break;
                            if (!$Object.is(value = reader.float(), 0))
                                message.max = value;
                            else
                                delete message.max;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return HealthRange;
        })();

        v1.LogLine = (function() {

            /**
             * Properties of a LogLine.
             * @typedef {Object} sedge.v1.LogLine.$Properties
             * @property {number|null} [level] LogLine level
             * @property {string|null} [sentence] LogLine sentence
             * @property {Array.<sedge.v1.LogField.$Properties>|null} [fields] LogLine fields
             * @property {number|null} [left_out] LogLine left_out
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a LogLine.
             * @memberof sedge.v1
             * @interface ILogLine
             * @augments sedge.v1.LogLine.$Properties
             * @deprecated Use sedge.v1.LogLine.$Properties instead.
             */

            /**
             * Shape of a LogLine.
             * @typedef {sedge.v1.LogLine.$Properties} sedge.v1.LogLine.$Shape
             */

            /**
             * Constructs a new LogLine.
             * @memberof sedge.v1
             * @classdesc Represents a LogLine.
             * @constructor
             * @param {sedge.v1.LogLine.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const LogLine = function (properties) {
                this.fields = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * LogLine level.
             * @member {number} level
             * @memberof sedge.v1.LogLine
             * @instance
             */
            LogLine.prototype.level = 0;

            /**
             * LogLine sentence.
             * @member {string} sentence
             * @memberof sedge.v1.LogLine
             * @instance
             */
            LogLine.prototype.sentence = "";

            /**
             * LogLine fields.
             * @member {Array.<sedge.v1.LogField.$Properties>} fields
             * @memberof sedge.v1.LogLine
             * @instance
             */
            LogLine.prototype.fields = $util.emptyArray;

            /**
             * LogLine left_out.
             * @member {number} left_out
             * @memberof sedge.v1.LogLine
             * @instance
             */
            LogLine.prototype.left_out = 0;

            /**
             * Creates a new LogLine instance using the specified properties.
             * @function create
             * @memberof sedge.v1.LogLine
             * @static
             * @param {sedge.v1.LogLine.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.LogLine} LogLine instance
             * @type {{
             *   (properties: sedge.v1.LogLine.$Shape): sedge.v1.LogLine & sedge.v1.LogLine.$Shape;
             *   (properties?: sedge.v1.LogLine.$Properties): sedge.v1.LogLine;
             * }}
             */
            LogLine.create = function(properties) {
                return new LogLine(properties);
            };

            /**
             * Encodes the specified LogLine message. Does not implicitly {@link sedge.v1.LogLine.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.LogLine
             * @static
             * @param {sedge.v1.LogLine.$Properties} message LogLine message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            LogLine.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.level != null && $Object.hasOwnProperty.call(message, "level") && message.level !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.level);
                if (message.sentence != null && $Object.hasOwnProperty.call(message, "sentence") && message.sentence !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.sentence);
                if (message.fields != null && message.fields.length)
                    for (let i = 0; i < message.fields.length; ++i)
                        $root.sedge.v1.LogField.encode(message.fields[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message.left_out != null && $Object.hasOwnProperty.call(message, "left_out") && message.left_out !== 0)
                    writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.left_out);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a LogLine message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.LogLine
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.LogLine & sedge.v1.LogLine.$Shape} LogLine
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            LogLine.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.LogLine();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.level = value;
                            else
                                delete message.level;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.sentence = value;
                            else
                                delete message.sentence;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.fields && message.fields.length))
                                message.fields = [];
                            message.fields.push($root.sedge.v1.LogField.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.left_out = value;
                            else
                                delete message.left_out;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return LogLine;
        })();

        v1.LogField = (function() {

            /**
             * Properties of a LogField.
             * @typedef {Object} sedge.v1.LogField.$Properties
             * @property {string|null} [name] LogField name
             * @property {string|null} [value] LogField value
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a LogField.
             * @memberof sedge.v1
             * @interface ILogField
             * @augments sedge.v1.LogField.$Properties
             * @deprecated Use sedge.v1.LogField.$Properties instead.
             */

            /**
             * Shape of a LogField.
             * @typedef {sedge.v1.LogField.$Properties} sedge.v1.LogField.$Shape
             */

            /**
             * Constructs a new LogField.
             * @memberof sedge.v1
             * @classdesc Represents a LogField.
             * @constructor
             * @param {sedge.v1.LogField.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const LogField = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * LogField name.
             * @member {string} name
             * @memberof sedge.v1.LogField
             * @instance
             */
            LogField.prototype.name = "";

            /**
             * LogField value.
             * @member {string} value
             * @memberof sedge.v1.LogField
             * @instance
             */
            LogField.prototype.value = "";

            /**
             * Creates a new LogField instance using the specified properties.
             * @function create
             * @memberof sedge.v1.LogField
             * @static
             * @param {sedge.v1.LogField.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.LogField} LogField instance
             * @type {{
             *   (properties: sedge.v1.LogField.$Shape): sedge.v1.LogField & sedge.v1.LogField.$Shape;
             *   (properties?: sedge.v1.LogField.$Properties): sedge.v1.LogField;
             * }}
             */
            LogField.create = function(properties) {
                return new LogField(properties);
            };

            /**
             * Encodes the specified LogField message. Does not implicitly {@link sedge.v1.LogField.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.LogField
             * @static
             * @param {sedge.v1.LogField.$Properties} message LogField message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            LogField.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.name);
                if (message.value != null && $Object.hasOwnProperty.call(message, "value") && message.value !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.value);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a LogField message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.LogField
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.LogField & sedge.v1.LogField.$Shape} LogField
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            LogField.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.LogField();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.value = value;
                            else
                                delete message.value;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return LogField;
        })();

        v1.ErrorCount = (function() {

            /**
             * Properties of an ErrorCount.
             * @typedef {Object} sedge.v1.ErrorCount.$Properties
             * @property {string|null} ["class"] ErrorCount class
             * @property {number|null} [count] ErrorCount count
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an ErrorCount.
             * @memberof sedge.v1
             * @interface IErrorCount
             * @augments sedge.v1.ErrorCount.$Properties
             * @deprecated Use sedge.v1.ErrorCount.$Properties instead.
             */

            /**
             * Shape of an ErrorCount.
             * @typedef {sedge.v1.ErrorCount.$Properties} sedge.v1.ErrorCount.$Shape
             */

            /**
             * Constructs a new ErrorCount.
             * @memberof sedge.v1
             * @classdesc Represents an ErrorCount.
             * @constructor
             * @param {sedge.v1.ErrorCount.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const ErrorCount = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * ErrorCount class.
             * @member {string} class
             * @memberof sedge.v1.ErrorCount
             * @instance
             */
            ErrorCount.prototype["class"] = "";

            /**
             * ErrorCount count.
             * @member {number} count
             * @memberof sedge.v1.ErrorCount
             * @instance
             */
            ErrorCount.prototype.count = 0;

            /**
             * Creates a new ErrorCount instance using the specified properties.
             * @function create
             * @memberof sedge.v1.ErrorCount
             * @static
             * @param {sedge.v1.ErrorCount.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.ErrorCount} ErrorCount instance
             * @type {{
             *   (properties: sedge.v1.ErrorCount.$Shape): sedge.v1.ErrorCount & sedge.v1.ErrorCount.$Shape;
             *   (properties?: sedge.v1.ErrorCount.$Properties): sedge.v1.ErrorCount;
             * }}
             */
            ErrorCount.create = function(properties) {
                return new ErrorCount(properties);
            };

            /**
             * Encodes the specified ErrorCount message. Does not implicitly {@link sedge.v1.ErrorCount.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.ErrorCount
             * @static
             * @param {sedge.v1.ErrorCount.$Properties} message ErrorCount message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            ErrorCount.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message["class"] != null && $Object.hasOwnProperty.call(message, "class") && message["class"] !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message["class"]);
                if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.count);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an ErrorCount message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.ErrorCount
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.ErrorCount & sedge.v1.ErrorCount.$Shape} ErrorCount
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            ErrorCount.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.ErrorCount();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message["class"] = value;
                            else
                                delete message["class"];
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.count = value;
                            else
                                delete message.count;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ErrorCount;
        })();

        v1.SparseCounts = (function() {

            /**
             * Properties of a SparseCounts.
             * @typedef {Object} sedge.v1.SparseCounts.$Properties
             * @property {number|null} [first] SparseCounts first
             * @property {Array.<number>|null} [counts] SparseCounts counts
             * @property {number|null} [bins] SparseCounts bins
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a SparseCounts.
             * @memberof sedge.v1
             * @interface ISparseCounts
             * @augments sedge.v1.SparseCounts.$Properties
             * @deprecated Use sedge.v1.SparseCounts.$Properties instead.
             */

            /**
             * Shape of a SparseCounts.
             * @typedef {sedge.v1.SparseCounts.$Properties} sedge.v1.SparseCounts.$Shape
             */

            /**
             * Constructs a new SparseCounts.
             * @memberof sedge.v1
             * @classdesc Represents a SparseCounts.
             * @constructor
             * @param {sedge.v1.SparseCounts.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const SparseCounts = function (properties) {
                this.counts = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * SparseCounts first.
             * @member {number} first
             * @memberof sedge.v1.SparseCounts
             * @instance
             */
            SparseCounts.prototype.first = 0;

            /**
             * SparseCounts counts.
             * @member {Array.<number>} counts
             * @memberof sedge.v1.SparseCounts
             * @instance
             */
            SparseCounts.prototype.counts = $util.emptyArray;

            /**
             * SparseCounts bins.
             * @member {number} bins
             * @memberof sedge.v1.SparseCounts
             * @instance
             */
            SparseCounts.prototype.bins = 0;

            /**
             * Creates a new SparseCounts instance using the specified properties.
             * @function create
             * @memberof sedge.v1.SparseCounts
             * @static
             * @param {sedge.v1.SparseCounts.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.SparseCounts} SparseCounts instance
             * @type {{
             *   (properties: sedge.v1.SparseCounts.$Shape): sedge.v1.SparseCounts & sedge.v1.SparseCounts.$Shape;
             *   (properties?: sedge.v1.SparseCounts.$Properties): sedge.v1.SparseCounts;
             * }}
             */
            SparseCounts.create = function(properties) {
                return new SparseCounts(properties);
            };

            /**
             * Encodes the specified SparseCounts message. Does not implicitly {@link sedge.v1.SparseCounts.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.SparseCounts
             * @static
             * @param {sedge.v1.SparseCounts.$Properties} message SparseCounts message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            SparseCounts.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.first != null && $Object.hasOwnProperty.call(message, "first") && message.first !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.first);
                if (message.counts != null && message.counts.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).uint32s(message.counts);
                if (message.bins != null && $Object.hasOwnProperty.call(message, "bins") && message.bins !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.bins);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a SparseCounts message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.SparseCounts
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.SparseCounts & sedge.v1.SparseCounts.$Shape} SparseCounts
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            SparseCounts.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.SparseCounts();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.first = value;
                            else
                                delete message.first;
                            continue;
                        }
                    case 2: {
                            if (wireType === 2) {
                                if (!(message.counts && message.counts.length))
                                    message.counts = [];
                                reader.uint32s(message.counts);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.counts && message.counts.length))
                                message.counts = [];
                            message.counts.push(reader.uint32());
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.bins = value;
                            else
                                delete message.bins;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return SparseCounts;
        })();

        v1.StreamCounts = (function() {

            /**
             * Properties of a StreamCounts.
             * @typedef {Object} sedge.v1.StreamCounts.$Properties
             * @property {number|null} [stream] StreamCounts stream
             * @property {sedge.v1.SparseCounts.$Properties|null} [counts] StreamCounts counts
             * @property {number|null} [missing] StreamCounts missing
             * @property {number|null} [far_outside] StreamCounts far_outside
             * @property {number|null} [stuck] StreamCounts stuck
             * @property {number|null} [not_finite] StreamCounts not_finite
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a StreamCounts.
             * @memberof sedge.v1
             * @interface IStreamCounts
             * @augments sedge.v1.StreamCounts.$Properties
             * @deprecated Use sedge.v1.StreamCounts.$Properties instead.
             */

            /**
             * Shape of a StreamCounts.
             * @typedef {sedge.v1.StreamCounts.$Properties} sedge.v1.StreamCounts.$Shape
             */

            /**
             * Constructs a new StreamCounts.
             * @memberof sedge.v1
             * @classdesc Represents a StreamCounts.
             * @constructor
             * @param {sedge.v1.StreamCounts.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const StreamCounts = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * StreamCounts stream.
             * @member {number} stream
             * @memberof sedge.v1.StreamCounts
             * @instance
             */
            StreamCounts.prototype.stream = 0;

            /**
             * StreamCounts counts.
             * @member {sedge.v1.SparseCounts.$Properties|null|undefined} counts
             * @memberof sedge.v1.StreamCounts
             * @instance
             */
            StreamCounts.prototype.counts = null;

            /**
             * StreamCounts missing.
             * @member {number} missing
             * @memberof sedge.v1.StreamCounts
             * @instance
             */
            StreamCounts.prototype.missing = 0;

            /**
             * StreamCounts far_outside.
             * @member {number} far_outside
             * @memberof sedge.v1.StreamCounts
             * @instance
             */
            StreamCounts.prototype.far_outside = 0;

            /**
             * StreamCounts stuck.
             * @member {number} stuck
             * @memberof sedge.v1.StreamCounts
             * @instance
             */
            StreamCounts.prototype.stuck = 0;

            /**
             * StreamCounts not_finite.
             * @member {number} not_finite
             * @memberof sedge.v1.StreamCounts
             * @instance
             */
            StreamCounts.prototype.not_finite = 0;

            /**
             * Creates a new StreamCounts instance using the specified properties.
             * @function create
             * @memberof sedge.v1.StreamCounts
             * @static
             * @param {sedge.v1.StreamCounts.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.StreamCounts} StreamCounts instance
             * @type {{
             *   (properties: sedge.v1.StreamCounts.$Shape): sedge.v1.StreamCounts & sedge.v1.StreamCounts.$Shape;
             *   (properties?: sedge.v1.StreamCounts.$Properties): sedge.v1.StreamCounts;
             * }}
             */
            StreamCounts.create = function(properties) {
                return new StreamCounts(properties);
            };

            /**
             * Encodes the specified StreamCounts message. Does not implicitly {@link sedge.v1.StreamCounts.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.StreamCounts
             * @static
             * @param {sedge.v1.StreamCounts.$Properties} message StreamCounts message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            StreamCounts.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.stream != null && $Object.hasOwnProperty.call(message, "stream") && message.stream !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.stream);
                if (message.counts != null && $Object.hasOwnProperty.call(message, "counts"))
                    $root.sedge.v1.SparseCounts.encode(message.counts, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                if (message.missing != null && $Object.hasOwnProperty.call(message, "missing") && message.missing !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.missing);
                if (message.far_outside != null && $Object.hasOwnProperty.call(message, "far_outside") && message.far_outside !== 0)
                    writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.far_outside);
                if (message.stuck != null && $Object.hasOwnProperty.call(message, "stuck") && message.stuck !== 0)
                    writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.stuck);
                if (message.not_finite != null && $Object.hasOwnProperty.call(message, "not_finite") && message.not_finite !== 0)
                    writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.not_finite);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a StreamCounts message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.StreamCounts
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.StreamCounts & sedge.v1.StreamCounts.$Shape} StreamCounts
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            StreamCounts.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.StreamCounts();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.stream = value;
                            else
                                delete message.stream;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.counts = $root.sedge.v1.SparseCounts.decode(reader, reader.size(), $undefined, _depth + 1, message.counts);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.missing = value;
                            else
                                delete message.missing;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.far_outside = value;
                            else
                                delete message.far_outside;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.stuck = value;
                            else
                                delete message.stuck;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.not_finite = value;
                            else
                                delete message.not_finite;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return StreamCounts;
        })();

        v1.LifecycleEvent = (function() {

            /**
             * Properties of a LifecycleEvent.
             * @typedef {Object} sedge.v1.LifecycleEvent.$Properties
             * @property {string|null} [name] LifecycleEvent name
             * @property {string|null} [model] LifecycleEvent model
             * @property {string|null} [version] LifecycleEvent version
             * @property {Uint8Array|null} ["package"] LifecycleEvent package
             * @property {string|null} [reason] LifecycleEvent reason
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a LifecycleEvent.
             * @memberof sedge.v1
             * @interface ILifecycleEvent
             * @augments sedge.v1.LifecycleEvent.$Properties
             * @deprecated Use sedge.v1.LifecycleEvent.$Properties instead.
             */

            /**
             * Shape of a LifecycleEvent.
             * @typedef {sedge.v1.LifecycleEvent.$Properties} sedge.v1.LifecycleEvent.$Shape
             */

            /**
             * Constructs a new LifecycleEvent.
             * @memberof sedge.v1
             * @classdesc Represents a LifecycleEvent.
             * @constructor
             * @param {sedge.v1.LifecycleEvent.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const LifecycleEvent = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * LifecycleEvent name.
             * @member {string} name
             * @memberof sedge.v1.LifecycleEvent
             * @instance
             */
            LifecycleEvent.prototype.name = "";

            /**
             * LifecycleEvent model.
             * @member {string} model
             * @memberof sedge.v1.LifecycleEvent
             * @instance
             */
            LifecycleEvent.prototype.model = "";

            /**
             * LifecycleEvent version.
             * @member {string} version
             * @memberof sedge.v1.LifecycleEvent
             * @instance
             */
            LifecycleEvent.prototype.version = "";

            /**
             * LifecycleEvent package.
             * @member {Uint8Array} package
             * @memberof sedge.v1.LifecycleEvent
             * @instance
             */
            LifecycleEvent.prototype["package"] = $util.newBuffer([]);

            /**
             * LifecycleEvent reason.
             * @member {string} reason
             * @memberof sedge.v1.LifecycleEvent
             * @instance
             */
            LifecycleEvent.prototype.reason = "";

            /**
             * Creates a new LifecycleEvent instance using the specified properties.
             * @function create
             * @memberof sedge.v1.LifecycleEvent
             * @static
             * @param {sedge.v1.LifecycleEvent.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.LifecycleEvent} LifecycleEvent instance
             * @type {{
             *   (properties: sedge.v1.LifecycleEvent.$Shape): sedge.v1.LifecycleEvent & sedge.v1.LifecycleEvent.$Shape;
             *   (properties?: sedge.v1.LifecycleEvent.$Properties): sedge.v1.LifecycleEvent;
             * }}
             */
            LifecycleEvent.create = function(properties) {
                return new LifecycleEvent(properties);
            };

            /**
             * Encodes the specified LifecycleEvent message. Does not implicitly {@link sedge.v1.LifecycleEvent.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.LifecycleEvent
             * @static
             * @param {sedge.v1.LifecycleEvent.$Properties} message LifecycleEvent message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            LifecycleEvent.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.name);
                if (message.model != null && $Object.hasOwnProperty.call(message, "model") && message.model !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.model);
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.version);
                if (message["package"] != null && $Object.hasOwnProperty.call(message, "package") && message["package"].length)
                    writer.uint32(/* id 4, wireType 2 =*/34).bytes(message["package"]);
                if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                    writer.uint32(/* id 5, wireType 2 =*/42).string(message.reason);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a LifecycleEvent message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.LifecycleEvent
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.LifecycleEvent & sedge.v1.LifecycleEvent.$Shape} LifecycleEvent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            LifecycleEvent.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.LifecycleEvent();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.model = value;
                            else
                                delete message.model;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message["package"] = value;
                            else
                                delete message["package"];
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.reason = value;
                            else
                                delete message.reason;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return LifecycleEvent;
        })();

        v1.Tombstone = (function() {

            /**
             * Properties of a Tombstone.
             * @typedef {Object} sedge.v1.Tombstone.$Properties
             * @property {number|null} [from] Tombstone from
             * @property {number|null} [count] Tombstone count
             * @property {number|null} [bytes] Tombstone bytes
             * @property {string|null} [reason] Tombstone reason
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Tombstone.
             * @memberof sedge.v1
             * @interface ITombstone
             * @augments sedge.v1.Tombstone.$Properties
             * @deprecated Use sedge.v1.Tombstone.$Properties instead.
             */

            /**
             * Shape of a Tombstone.
             * @typedef {sedge.v1.Tombstone.$Properties} sedge.v1.Tombstone.$Shape
             */

            /**
             * Constructs a new Tombstone.
             * @memberof sedge.v1
             * @classdesc Represents a Tombstone.
             * @constructor
             * @param {sedge.v1.Tombstone.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Tombstone = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Tombstone from.
             * @member {number} from
             * @memberof sedge.v1.Tombstone
             * @instance
             */
            Tombstone.prototype.from = 0;

            /**
             * Tombstone count.
             * @member {number} count
             * @memberof sedge.v1.Tombstone
             * @instance
             */
            Tombstone.prototype.count = 0;

            /**
             * Tombstone bytes.
             * @member {number} bytes
             * @memberof sedge.v1.Tombstone
             * @instance
             */
            Tombstone.prototype.bytes = 0;

            /**
             * Tombstone reason.
             * @member {string} reason
             * @memberof sedge.v1.Tombstone
             * @instance
             */
            Tombstone.prototype.reason = "";

            /**
             * Creates a new Tombstone instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Tombstone
             * @static
             * @param {sedge.v1.Tombstone.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Tombstone} Tombstone instance
             * @type {{
             *   (properties: sedge.v1.Tombstone.$Shape): sedge.v1.Tombstone & sedge.v1.Tombstone.$Shape;
             *   (properties?: sedge.v1.Tombstone.$Properties): sedge.v1.Tombstone;
             * }}
             */
            Tombstone.create = function(properties) {
                return new Tombstone(properties);
            };

            /**
             * Encodes the specified Tombstone message. Does not implicitly {@link sedge.v1.Tombstone.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Tombstone
             * @static
             * @param {sedge.v1.Tombstone.$Properties} message Tombstone message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Tombstone.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.from != null && $Object.hasOwnProperty.call(message, "from") && message.from !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.from);
                if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.count);
                if (message.bytes != null && $Object.hasOwnProperty.call(message, "bytes") && !$Object.is(message.bytes, 0))
                    writer.uint32(/* id 3, wireType 1 =*/25).double(message.bytes);
                if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.reason);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Tombstone message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Tombstone
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Tombstone & sedge.v1.Tombstone.$Shape} Tombstone
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Tombstone.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Tombstone();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.from = value;
                            else
                                delete message.from;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.count = value;
                            else
                                delete message.count;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.bytes = value;
                            else
                                delete message.bytes;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.reason = value;
                            else
                                delete message.reason;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Tombstone;
        })();

        v1.Ack = (function() {

            /**
             * Properties of an Ack.
             * @typedef {Object} sedge.v1.Ack.$Properties
             * @property {number|null} [lane] Ack lane
             * @property {string|null} [epoch] Ack epoch
             * @property {number|null} [through] Ack through
             * @property {boolean|null} [rewind] Ack rewind
             * @property {number|null} [min_interval_ms] Ack min_interval_ms
             * @property {boolean|null} [conflict] Ack conflict
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an Ack.
             * @memberof sedge.v1
             * @interface IAck
             * @augments sedge.v1.Ack.$Properties
             * @deprecated Use sedge.v1.Ack.$Properties instead.
             */

            /**
             * Shape of an Ack.
             * @typedef {sedge.v1.Ack.$Properties} sedge.v1.Ack.$Shape
             */

            /**
             * Constructs a new Ack.
             * @memberof sedge.v1
             * @classdesc Represents an Ack.
             * @constructor
             * @param {sedge.v1.Ack.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Ack = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Ack lane.
             * @member {number} lane
             * @memberof sedge.v1.Ack
             * @instance
             */
            Ack.prototype.lane = 0;

            /**
             * Ack epoch.
             * @member {string} epoch
             * @memberof sedge.v1.Ack
             * @instance
             */
            Ack.prototype.epoch = "";

            /**
             * Ack through.
             * @member {number} through
             * @memberof sedge.v1.Ack
             * @instance
             */
            Ack.prototype.through = 0;

            /**
             * Ack rewind.
             * @member {boolean} rewind
             * @memberof sedge.v1.Ack
             * @instance
             */
            Ack.prototype.rewind = false;

            /**
             * Ack min_interval_ms.
             * @member {number} min_interval_ms
             * @memberof sedge.v1.Ack
             * @instance
             */
            Ack.prototype.min_interval_ms = 0;

            /**
             * Ack conflict.
             * @member {boolean} conflict
             * @memberof sedge.v1.Ack
             * @instance
             */
            Ack.prototype.conflict = false;

            /**
             * Creates a new Ack instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Ack
             * @static
             * @param {sedge.v1.Ack.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Ack} Ack instance
             * @type {{
             *   (properties: sedge.v1.Ack.$Shape): sedge.v1.Ack & sedge.v1.Ack.$Shape;
             *   (properties?: sedge.v1.Ack.$Properties): sedge.v1.Ack;
             * }}
             */
            Ack.create = function(properties) {
                return new Ack(properties);
            };

            /**
             * Encodes the specified Ack message. Does not implicitly {@link sedge.v1.Ack.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Ack
             * @static
             * @param {sedge.v1.Ack.$Properties} message Ack message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Ack.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.lane != null && $Object.hasOwnProperty.call(message, "lane") && message.lane !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.lane);
                if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.epoch);
                if (message.through != null && $Object.hasOwnProperty.call(message, "through") && message.through !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.through);
                if (message.rewind != null && $Object.hasOwnProperty.call(message, "rewind") && message.rewind !== false)
                    writer.uint32(/* id 4, wireType 0 =*/32).bool(message.rewind);
                if (message.min_interval_ms != null && $Object.hasOwnProperty.call(message, "min_interval_ms") && !$Object.is(message.min_interval_ms, 0))
                    writer.uint32(/* id 5, wireType 1 =*/41).double(message.min_interval_ms);
                if (message.conflict != null && $Object.hasOwnProperty.call(message, "conflict") && message.conflict !== false)
                    writer.uint32(/* id 6, wireType 0 =*/48).bool(message.conflict);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an Ack message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Ack
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Ack & sedge.v1.Ack.$Shape} Ack
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Ack.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Ack();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.lane = value;
                            else
                                delete message.lane;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.epoch = value;
                            else
                                delete message.epoch;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.through = value;
                            else
                                delete message.through;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.rewind = value;
                            else
                                delete message.rewind;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.min_interval_ms = value;
                            else
                                delete message.min_interval_ms;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.conflict = value;
                            else
                                delete message.conflict;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Ack;
        })();

        v1.BlockRequest = (function() {

            /**
             * Properties of a BlockRequest.
             * @typedef {Object} sedge.v1.BlockRequest.$Properties
             * @property {Uint8Array|null} [digest] BlockRequest digest
             * @property {number|null} [offset] BlockRequest offset
             * @property {number|null} [length] BlockRequest length
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a BlockRequest.
             * @memberof sedge.v1
             * @interface IBlockRequest
             * @augments sedge.v1.BlockRequest.$Properties
             * @deprecated Use sedge.v1.BlockRequest.$Properties instead.
             */

            /**
             * Shape of a BlockRequest.
             * @typedef {sedge.v1.BlockRequest.$Properties} sedge.v1.BlockRequest.$Shape
             */

            /**
             * Constructs a new BlockRequest.
             * @memberof sedge.v1
             * @classdesc Represents a BlockRequest.
             * @constructor
             * @param {sedge.v1.BlockRequest.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const BlockRequest = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * BlockRequest digest.
             * @member {Uint8Array} digest
             * @memberof sedge.v1.BlockRequest
             * @instance
             */
            BlockRequest.prototype.digest = $util.newBuffer([]);

            /**
             * BlockRequest offset.
             * @member {number} offset
             * @memberof sedge.v1.BlockRequest
             * @instance
             */
            BlockRequest.prototype.offset = 0;

            /**
             * BlockRequest length.
             * @member {number} length
             * @memberof sedge.v1.BlockRequest
             * @instance
             */
            BlockRequest.prototype.length = 0;

            /**
             * Creates a new BlockRequest instance using the specified properties.
             * @function create
             * @memberof sedge.v1.BlockRequest
             * @static
             * @param {sedge.v1.BlockRequest.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.BlockRequest} BlockRequest instance
             * @type {{
             *   (properties: sedge.v1.BlockRequest.$Shape): sedge.v1.BlockRequest & sedge.v1.BlockRequest.$Shape;
             *   (properties?: sedge.v1.BlockRequest.$Properties): sedge.v1.BlockRequest;
             * }}
             */
            BlockRequest.create = function(properties) {
                return new BlockRequest(properties);
            };

            /**
             * Encodes the specified BlockRequest message. Does not implicitly {@link sedge.v1.BlockRequest.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.BlockRequest
             * @static
             * @param {sedge.v1.BlockRequest.$Properties} message BlockRequest message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            BlockRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.digest != null && $Object.hasOwnProperty.call(message, "digest") && message.digest.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.digest);
                if (message.offset != null && $Object.hasOwnProperty.call(message, "offset") && !$Object.is(message.offset, 0))
                    writer.uint32(/* id 2, wireType 1 =*/17).double(message.offset);
                if (message.length != null && $Object.hasOwnProperty.call(message, "length") && message.length !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.length);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a BlockRequest message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.BlockRequest
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.BlockRequest & sedge.v1.BlockRequest.$Shape} BlockRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            BlockRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.BlockRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.digest = value;
                            else
                                delete message.digest;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.offset = value;
                            else
                                delete message.offset;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.length = value;
                            else
                                delete message.length;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return BlockRequest;
        })();

        v1.BlockData = (function() {

            /**
             * Properties of a BlockData.
             * @typedef {Object} sedge.v1.BlockData.$Properties
             * @property {Uint8Array|null} [digest] BlockData digest
             * @property {number|null} [offset] BlockData offset
             * @property {number|null} [size] BlockData size
             * @property {Uint8Array|null} [data] BlockData data
             * @property {string|null} [error] BlockData error
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a BlockData.
             * @memberof sedge.v1
             * @interface IBlockData
             * @augments sedge.v1.BlockData.$Properties
             * @deprecated Use sedge.v1.BlockData.$Properties instead.
             */

            /**
             * Shape of a BlockData.
             * @typedef {sedge.v1.BlockData.$Properties} sedge.v1.BlockData.$Shape
             */

            /**
             * Constructs a new BlockData.
             * @memberof sedge.v1
             * @classdesc Represents a BlockData.
             * @constructor
             * @param {sedge.v1.BlockData.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const BlockData = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * BlockData digest.
             * @member {Uint8Array} digest
             * @memberof sedge.v1.BlockData
             * @instance
             */
            BlockData.prototype.digest = $util.newBuffer([]);

            /**
             * BlockData offset.
             * @member {number} offset
             * @memberof sedge.v1.BlockData
             * @instance
             */
            BlockData.prototype.offset = 0;

            /**
             * BlockData size.
             * @member {number} size
             * @memberof sedge.v1.BlockData
             * @instance
             */
            BlockData.prototype.size = 0;

            /**
             * BlockData data.
             * @member {Uint8Array} data
             * @memberof sedge.v1.BlockData
             * @instance
             */
            BlockData.prototype.data = $util.newBuffer([]);

            /**
             * BlockData error.
             * @member {string} error
             * @memberof sedge.v1.BlockData
             * @instance
             */
            BlockData.prototype.error = "";

            /**
             * Creates a new BlockData instance using the specified properties.
             * @function create
             * @memberof sedge.v1.BlockData
             * @static
             * @param {sedge.v1.BlockData.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.BlockData} BlockData instance
             * @type {{
             *   (properties: sedge.v1.BlockData.$Shape): sedge.v1.BlockData & sedge.v1.BlockData.$Shape;
             *   (properties?: sedge.v1.BlockData.$Properties): sedge.v1.BlockData;
             * }}
             */
            BlockData.create = function(properties) {
                return new BlockData(properties);
            };

            /**
             * Encodes the specified BlockData message. Does not implicitly {@link sedge.v1.BlockData.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.BlockData
             * @static
             * @param {sedge.v1.BlockData.$Properties} message BlockData message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            BlockData.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.digest != null && $Object.hasOwnProperty.call(message, "digest") && message.digest.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.digest);
                if (message.offset != null && $Object.hasOwnProperty.call(message, "offset") && !$Object.is(message.offset, 0))
                    writer.uint32(/* id 2, wireType 1 =*/17).double(message.offset);
                if (message.size != null && $Object.hasOwnProperty.call(message, "size") && !$Object.is(message.size, 0))
                    writer.uint32(/* id 3, wireType 1 =*/25).double(message.size);
                if (message.data != null && $Object.hasOwnProperty.call(message, "data") && message.data.length)
                    writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.data);
                if (message.error != null && $Object.hasOwnProperty.call(message, "error") && message.error !== "")
                    writer.uint32(/* id 5, wireType 2 =*/42).string(message.error);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a BlockData message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.BlockData
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.BlockData & sedge.v1.BlockData.$Shape} BlockData
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            BlockData.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.BlockData();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.digest = value;
                            else
                                delete message.digest;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.offset = value;
                            else
                                delete message.offset;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.size = value;
                            else
                                delete message.size;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.data = value;
                            else
                                delete message.data;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.error = value;
                            else
                                delete message.error;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return BlockData;
        })();

        v1.DeltaRequest = (function() {

            /**
             * Properties of a DeltaRequest.
             * @typedef {Object} sedge.v1.DeltaRequest.$Properties
             * @property {Uint8Array|null} [base] DeltaRequest base
             * @property {Uint8Array|null} [target] DeltaRequest target
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a DeltaRequest.
             * @memberof sedge.v1
             * @interface IDeltaRequest
             * @augments sedge.v1.DeltaRequest.$Properties
             * @deprecated Use sedge.v1.DeltaRequest.$Properties instead.
             */

            /**
             * Shape of a DeltaRequest.
             * @typedef {sedge.v1.DeltaRequest.$Properties} sedge.v1.DeltaRequest.$Shape
             */

            /**
             * Constructs a new DeltaRequest.
             * @memberof sedge.v1
             * @classdesc Represents a DeltaRequest.
             * @constructor
             * @param {sedge.v1.DeltaRequest.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const DeltaRequest = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * DeltaRequest base.
             * @member {Uint8Array} base
             * @memberof sedge.v1.DeltaRequest
             * @instance
             */
            DeltaRequest.prototype.base = $util.newBuffer([]);

            /**
             * DeltaRequest target.
             * @member {Uint8Array} target
             * @memberof sedge.v1.DeltaRequest
             * @instance
             */
            DeltaRequest.prototype.target = $util.newBuffer([]);

            /**
             * Creates a new DeltaRequest instance using the specified properties.
             * @function create
             * @memberof sedge.v1.DeltaRequest
             * @static
             * @param {sedge.v1.DeltaRequest.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.DeltaRequest} DeltaRequest instance
             * @type {{
             *   (properties: sedge.v1.DeltaRequest.$Shape): sedge.v1.DeltaRequest & sedge.v1.DeltaRequest.$Shape;
             *   (properties?: sedge.v1.DeltaRequest.$Properties): sedge.v1.DeltaRequest;
             * }}
             */
            DeltaRequest.create = function(properties) {
                return new DeltaRequest(properties);
            };

            /**
             * Encodes the specified DeltaRequest message. Does not implicitly {@link sedge.v1.DeltaRequest.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.DeltaRequest
             * @static
             * @param {sedge.v1.DeltaRequest.$Properties} message DeltaRequest message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            DeltaRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.base != null && $Object.hasOwnProperty.call(message, "base") && message.base.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.base);
                if (message.target != null && $Object.hasOwnProperty.call(message, "target") && message.target.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.target);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a DeltaRequest message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.DeltaRequest
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.DeltaRequest & sedge.v1.DeltaRequest.$Shape} DeltaRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            DeltaRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.DeltaRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.base = value;
                            else
                                delete message.base;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.target = value;
                            else
                                delete message.target;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return DeltaRequest;
        })();

        v1.DeltaOffer = (function() {

            /**
             * Properties of a DeltaOffer.
             * @typedef {Object} sedge.v1.DeltaOffer.$Properties
             * @property {Uint8Array|null} [base] DeltaOffer base
             * @property {Uint8Array|null} [target] DeltaOffer target
             * @property {number|null} [state] DeltaOffer state
             * @property {Uint8Array|null} [digest] DeltaOffer digest
             * @property {number|null} [size] DeltaOffer size
             * @property {number|null} [retry_after_ms] DeltaOffer retry_after_ms
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a DeltaOffer.
             * @memberof sedge.v1
             * @interface IDeltaOffer
             * @augments sedge.v1.DeltaOffer.$Properties
             * @deprecated Use sedge.v1.DeltaOffer.$Properties instead.
             */

            /**
             * Shape of a DeltaOffer.
             * @typedef {sedge.v1.DeltaOffer.$Properties} sedge.v1.DeltaOffer.$Shape
             */

            /**
             * Constructs a new DeltaOffer.
             * @memberof sedge.v1
             * @classdesc Represents a DeltaOffer.
             * @constructor
             * @param {sedge.v1.DeltaOffer.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const DeltaOffer = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * DeltaOffer base.
             * @member {Uint8Array} base
             * @memberof sedge.v1.DeltaOffer
             * @instance
             */
            DeltaOffer.prototype.base = $util.newBuffer([]);

            /**
             * DeltaOffer target.
             * @member {Uint8Array} target
             * @memberof sedge.v1.DeltaOffer
             * @instance
             */
            DeltaOffer.prototype.target = $util.newBuffer([]);

            /**
             * DeltaOffer state.
             * @member {number} state
             * @memberof sedge.v1.DeltaOffer
             * @instance
             */
            DeltaOffer.prototype.state = 0;

            /**
             * DeltaOffer digest.
             * @member {Uint8Array} digest
             * @memberof sedge.v1.DeltaOffer
             * @instance
             */
            DeltaOffer.prototype.digest = $util.newBuffer([]);

            /**
             * DeltaOffer size.
             * @member {number} size
             * @memberof sedge.v1.DeltaOffer
             * @instance
             */
            DeltaOffer.prototype.size = 0;

            /**
             * DeltaOffer retry_after_ms.
             * @member {number} retry_after_ms
             * @memberof sedge.v1.DeltaOffer
             * @instance
             */
            DeltaOffer.prototype.retry_after_ms = 0;

            /**
             * Creates a new DeltaOffer instance using the specified properties.
             * @function create
             * @memberof sedge.v1.DeltaOffer
             * @static
             * @param {sedge.v1.DeltaOffer.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.DeltaOffer} DeltaOffer instance
             * @type {{
             *   (properties: sedge.v1.DeltaOffer.$Shape): sedge.v1.DeltaOffer & sedge.v1.DeltaOffer.$Shape;
             *   (properties?: sedge.v1.DeltaOffer.$Properties): sedge.v1.DeltaOffer;
             * }}
             */
            DeltaOffer.create = function(properties) {
                return new DeltaOffer(properties);
            };

            /**
             * Encodes the specified DeltaOffer message. Does not implicitly {@link sedge.v1.DeltaOffer.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.DeltaOffer
             * @static
             * @param {sedge.v1.DeltaOffer.$Properties} message DeltaOffer message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            DeltaOffer.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.base != null && $Object.hasOwnProperty.call(message, "base") && message.base.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.base);
                if (message.target != null && $Object.hasOwnProperty.call(message, "target") && message.target.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.target);
                if (message.state != null && $Object.hasOwnProperty.call(message, "state") && message.state !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.state);
                if (message.digest != null && $Object.hasOwnProperty.call(message, "digest") && message.digest.length)
                    writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.digest);
                if (message.size != null && $Object.hasOwnProperty.call(message, "size") && !$Object.is(message.size, 0))
                    writer.uint32(/* id 5, wireType 1 =*/41).double(message.size);
                if (message.retry_after_ms != null && $Object.hasOwnProperty.call(message, "retry_after_ms") && !$Object.is(message.retry_after_ms, 0))
                    writer.uint32(/* id 6, wireType 1 =*/49).double(message.retry_after_ms);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a DeltaOffer message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.DeltaOffer
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.DeltaOffer & sedge.v1.DeltaOffer.$Shape} DeltaOffer
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            DeltaOffer.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.DeltaOffer();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.base = value;
                            else
                                delete message.base;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.target = value;
                            else
                                delete message.target;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.state = value;
                            else
                                delete message.state;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.digest = value;
                            else
                                delete message.digest;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.size = value;
                            else
                                delete message.size;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.retry_after_ms = value;
                            else
                                delete message.retry_after_ms;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return DeltaOffer;
        })();

        v1.SignedStatement = (function() {

            /**
             * Properties of a SignedStatement.
             * @typedef {Object} sedge.v1.SignedStatement.$Properties
             * @property {string|null} [payload_type] SignedStatement payload_type
             * @property {Uint8Array|null} [payload] SignedStatement payload
             * @property {Array.<sedge.v1.Signature.$Properties>|null} [signatures] SignedStatement signatures
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a SignedStatement.
             * @memberof sedge.v1
             * @interface ISignedStatement
             * @augments sedge.v1.SignedStatement.$Properties
             * @deprecated Use sedge.v1.SignedStatement.$Properties instead.
             */

            /**
             * Shape of a SignedStatement.
             * @typedef {sedge.v1.SignedStatement.$Properties} sedge.v1.SignedStatement.$Shape
             */

            /**
             * Constructs a new SignedStatement.
             * @memberof sedge.v1
             * @classdesc Represents a SignedStatement.
             * @constructor
             * @param {sedge.v1.SignedStatement.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const SignedStatement = function (properties) {
                this.signatures = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * SignedStatement payload_type.
             * @member {string} payload_type
             * @memberof sedge.v1.SignedStatement
             * @instance
             */
            SignedStatement.prototype.payload_type = "";

            /**
             * SignedStatement payload.
             * @member {Uint8Array} payload
             * @memberof sedge.v1.SignedStatement
             * @instance
             */
            SignedStatement.prototype.payload = $util.newBuffer([]);

            /**
             * SignedStatement signatures.
             * @member {Array.<sedge.v1.Signature.$Properties>} signatures
             * @memberof sedge.v1.SignedStatement
             * @instance
             */
            SignedStatement.prototype.signatures = $util.emptyArray;

            /**
             * Creates a new SignedStatement instance using the specified properties.
             * @function create
             * @memberof sedge.v1.SignedStatement
             * @static
             * @param {sedge.v1.SignedStatement.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.SignedStatement} SignedStatement instance
             * @type {{
             *   (properties: sedge.v1.SignedStatement.$Shape): sedge.v1.SignedStatement & sedge.v1.SignedStatement.$Shape;
             *   (properties?: sedge.v1.SignedStatement.$Properties): sedge.v1.SignedStatement;
             * }}
             */
            SignedStatement.create = function(properties) {
                return new SignedStatement(properties);
            };

            /**
             * Encodes the specified SignedStatement message. Does not implicitly {@link sedge.v1.SignedStatement.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.SignedStatement
             * @static
             * @param {sedge.v1.SignedStatement.$Properties} message SignedStatement message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            SignedStatement.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.payload_type != null && $Object.hasOwnProperty.call(message, "payload_type") && message.payload_type !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.payload_type);
                if (message.payload != null && $Object.hasOwnProperty.call(message, "payload") && message.payload.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.payload);
                if (message.signatures != null && message.signatures.length)
                    for (let i = 0; i < message.signatures.length; ++i)
                        $root.sedge.v1.Signature.encode(message.signatures[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a SignedStatement message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.SignedStatement
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.SignedStatement & sedge.v1.SignedStatement.$Shape} SignedStatement
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            SignedStatement.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.SignedStatement();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.payload_type = value;
                            else
                                delete message.payload_type;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.payload = value;
                            else
                                delete message.payload;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.signatures && message.signatures.length))
                                message.signatures = [];
                            message.signatures.push($root.sedge.v1.Signature.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return SignedStatement;
        })();

        v1.Signature = (function() {

            /**
             * Properties of a Signature.
             * @typedef {Object} sedge.v1.Signature.$Properties
             * @property {string|null} [key_id] Signature key_id
             * @property {Uint8Array|null} [signature] Signature signature
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Signature.
             * @memberof sedge.v1
             * @interface ISignature
             * @augments sedge.v1.Signature.$Properties
             * @deprecated Use sedge.v1.Signature.$Properties instead.
             */

            /**
             * Shape of a Signature.
             * @typedef {sedge.v1.Signature.$Properties} sedge.v1.Signature.$Shape
             */

            /**
             * Constructs a new Signature.
             * @memberof sedge.v1
             * @classdesc Represents a Signature.
             * @constructor
             * @param {sedge.v1.Signature.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Signature = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Signature key_id.
             * @member {string} key_id
             * @memberof sedge.v1.Signature
             * @instance
             */
            Signature.prototype.key_id = "";

            /**
             * Signature signature.
             * @member {Uint8Array} signature
             * @memberof sedge.v1.Signature
             * @instance
             */
            Signature.prototype.signature = $util.newBuffer([]);

            /**
             * Creates a new Signature instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Signature
             * @static
             * @param {sedge.v1.Signature.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Signature} Signature instance
             * @type {{
             *   (properties: sedge.v1.Signature.$Shape): sedge.v1.Signature & sedge.v1.Signature.$Shape;
             *   (properties?: sedge.v1.Signature.$Properties): sedge.v1.Signature;
             * }}
             */
            Signature.create = function(properties) {
                return new Signature(properties);
            };

            /**
             * Encodes the specified Signature message. Does not implicitly {@link sedge.v1.Signature.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Signature
             * @static
             * @param {sedge.v1.Signature.$Properties} message Signature message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Signature.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.key_id != null && $Object.hasOwnProperty.call(message, "key_id") && message.key_id !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.key_id);
                if (message.signature != null && $Object.hasOwnProperty.call(message, "signature") && message.signature.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.signature);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Signature message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Signature
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Signature & sedge.v1.Signature.$Shape} Signature
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Signature.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Signature();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.key_id = value;
                            else
                                delete message.key_id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.signature = value;
                            else
                                delete message.signature;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Signature;
        })();

        v1.Assignment = (function() {

            /**
             * Properties of an Assignment.
             * @typedef {Object} sedge.v1.Assignment.$Properties
             * @property {string|null} [device] Assignment device
             * @property {number|null} [epoch] Assignment epoch
             * @property {number|null} [generation] Assignment generation
             * @property {number|null} [issued_at_ms] Assignment issued_at_ms
             * @property {Array.<sedge.v1.ModelAssignment.$Properties>|null} [models] Assignment models
             * @property {sedge.v1.TelemetrySettings.$Properties|null} [telemetry] Assignment telemetry
             * @property {sedge.v1.Sampling.$Properties|null} [sampling] Assignment sampling
             * @property {Array.<sedge.v1.DeviceSettings.$Properties>|null} [settings] Assignment settings
             * @property {boolean|null} [keeps_models] Assignment keeps_models
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an Assignment.
             * @memberof sedge.v1
             * @interface IAssignment
             * @augments sedge.v1.Assignment.$Properties
             * @deprecated Use sedge.v1.Assignment.$Properties instead.
             */

            /**
             * Shape of an Assignment.
             * @typedef {sedge.v1.Assignment.$Properties} sedge.v1.Assignment.$Shape
             */

            /**
             * Constructs a new Assignment.
             * @memberof sedge.v1
             * @classdesc Represents an Assignment.
             * @constructor
             * @param {sedge.v1.Assignment.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Assignment = function (properties) {
                this.models = [];
                this.settings = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Assignment device.
             * @member {string} device
             * @memberof sedge.v1.Assignment
             * @instance
             */
            Assignment.prototype.device = "";

            /**
             * Assignment epoch.
             * @member {number} epoch
             * @memberof sedge.v1.Assignment
             * @instance
             */
            Assignment.prototype.epoch = 0;

            /**
             * Assignment generation.
             * @member {number} generation
             * @memberof sedge.v1.Assignment
             * @instance
             */
            Assignment.prototype.generation = 0;

            /**
             * Assignment issued_at_ms.
             * @member {number} issued_at_ms
             * @memberof sedge.v1.Assignment
             * @instance
             */
            Assignment.prototype.issued_at_ms = 0;

            /**
             * Assignment models.
             * @member {Array.<sedge.v1.ModelAssignment.$Properties>} models
             * @memberof sedge.v1.Assignment
             * @instance
             */
            Assignment.prototype.models = $util.emptyArray;

            /**
             * Assignment telemetry.
             * @member {sedge.v1.TelemetrySettings.$Properties|null|undefined} telemetry
             * @memberof sedge.v1.Assignment
             * @instance
             */
            Assignment.prototype.telemetry = null;

            /**
             * Assignment sampling.
             * @member {sedge.v1.Sampling.$Properties|null|undefined} sampling
             * @memberof sedge.v1.Assignment
             * @instance
             */
            Assignment.prototype.sampling = null;

            /**
             * Assignment settings.
             * @member {Array.<sedge.v1.DeviceSettings.$Properties>} settings
             * @memberof sedge.v1.Assignment
             * @instance
             */
            Assignment.prototype.settings = $util.emptyArray;

            /**
             * Assignment keeps_models.
             * @member {boolean} keeps_models
             * @memberof sedge.v1.Assignment
             * @instance
             */
            Assignment.prototype.keeps_models = false;

            /**
             * Creates a new Assignment instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Assignment
             * @static
             * @param {sedge.v1.Assignment.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Assignment} Assignment instance
             * @type {{
             *   (properties: sedge.v1.Assignment.$Shape): sedge.v1.Assignment & sedge.v1.Assignment.$Shape;
             *   (properties?: sedge.v1.Assignment.$Properties): sedge.v1.Assignment;
             * }}
             */
            Assignment.create = function(properties) {
                return new Assignment(properties);
            };

            /**
             * Encodes the specified Assignment message. Does not implicitly {@link sedge.v1.Assignment.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Assignment
             * @static
             * @param {sedge.v1.Assignment.$Properties} message Assignment message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Assignment.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.device != null && $Object.hasOwnProperty.call(message, "device") && message.device !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.device);
                if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.epoch);
                if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.generation);
                if (message.issued_at_ms != null && $Object.hasOwnProperty.call(message, "issued_at_ms") && !$Object.is(message.issued_at_ms, 0))
                    writer.uint32(/* id 4, wireType 1 =*/33).double(message.issued_at_ms);
                if (message.models != null && message.models.length)
                    for (let i = 0; i < message.models.length; ++i)
                        $root.sedge.v1.ModelAssignment.encode(message.models[i], writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                if (message.telemetry != null && $Object.hasOwnProperty.call(message, "telemetry"))
                    $root.sedge.v1.TelemetrySettings.encode(message.telemetry, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                if (message.sampling != null && $Object.hasOwnProperty.call(message, "sampling"))
                    $root.sedge.v1.Sampling.encode(message.sampling, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                if (message.settings != null && message.settings.length)
                    for (let i = 0; i < message.settings.length; ++i)
                        $root.sedge.v1.DeviceSettings.encode(message.settings[i], writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
                if (message.keeps_models != null && $Object.hasOwnProperty.call(message, "keeps_models") && message.keeps_models !== false)
                    writer.uint32(/* id 9, wireType 0 =*/72).bool(message.keeps_models);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an Assignment message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Assignment
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Assignment & sedge.v1.Assignment.$Shape} Assignment
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Assignment.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Assignment();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.device = value;
                            else
                                delete message.device;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.epoch = value;
                            else
                                delete message.epoch;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.generation = value;
                            else
                                delete message.generation;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.issued_at_ms = value;
                            else
                                delete message.issued_at_ms;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.models && message.models.length))
                                message.models = [];
                            message.models.push($root.sedge.v1.ModelAssignment.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.telemetry = $root.sedge.v1.TelemetrySettings.decode(reader, reader.size(), $undefined, _depth + 1, message.telemetry);
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            message.sampling = $root.sedge.v1.Sampling.decode(reader, reader.size(), $undefined, _depth + 1, message.sampling);
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if (!(message.settings && message.settings.length))
                                message.settings = [];
                            message.settings.push($root.sedge.v1.DeviceSettings.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 9: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.keeps_models = value;
                            else
                                delete message.keeps_models;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Assignment;
        })();

        v1.DeviceSettings = (function() {

            /**
             * Properties of a DeviceSettings.
             * @typedef {Object} sedge.v1.DeviceSettings.$Properties
             * @property {string|null} [name] DeviceSettings name
             * @property {number|null} [version] DeviceSettings version
             * @property {Array.<sedge.v1.Setting.$Properties>|null} [values] DeviceSettings values
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a DeviceSettings.
             * @memberof sedge.v1
             * @interface IDeviceSettings
             * @augments sedge.v1.DeviceSettings.$Properties
             * @deprecated Use sedge.v1.DeviceSettings.$Properties instead.
             */

            /**
             * Shape of a DeviceSettings.
             * @typedef {sedge.v1.DeviceSettings.$Properties} sedge.v1.DeviceSettings.$Shape
             */

            /**
             * Constructs a new DeviceSettings.
             * @memberof sedge.v1
             * @classdesc Represents a DeviceSettings.
             * @constructor
             * @param {sedge.v1.DeviceSettings.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const DeviceSettings = function (properties) {
                this.values = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * DeviceSettings name.
             * @member {string} name
             * @memberof sedge.v1.DeviceSettings
             * @instance
             */
            DeviceSettings.prototype.name = "";

            /**
             * DeviceSettings version.
             * @member {number} version
             * @memberof sedge.v1.DeviceSettings
             * @instance
             */
            DeviceSettings.prototype.version = 0;

            /**
             * DeviceSettings values.
             * @member {Array.<sedge.v1.Setting.$Properties>} values
             * @memberof sedge.v1.DeviceSettings
             * @instance
             */
            DeviceSettings.prototype.values = $util.emptyArray;

            /**
             * Creates a new DeviceSettings instance using the specified properties.
             * @function create
             * @memberof sedge.v1.DeviceSettings
             * @static
             * @param {sedge.v1.DeviceSettings.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.DeviceSettings} DeviceSettings instance
             * @type {{
             *   (properties: sedge.v1.DeviceSettings.$Shape): sedge.v1.DeviceSettings & sedge.v1.DeviceSettings.$Shape;
             *   (properties?: sedge.v1.DeviceSettings.$Properties): sedge.v1.DeviceSettings;
             * }}
             */
            DeviceSettings.create = function(properties) {
                return new DeviceSettings(properties);
            };

            /**
             * Encodes the specified DeviceSettings message. Does not implicitly {@link sedge.v1.DeviceSettings.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.DeviceSettings
             * @static
             * @param {sedge.v1.DeviceSettings.$Properties} message DeviceSettings message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            DeviceSettings.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.name);
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.version);
                if (message.values != null && message.values.length)
                    for (let i = 0; i < message.values.length; ++i)
                        $root.sedge.v1.Setting.encode(message.values[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a DeviceSettings message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.DeviceSettings
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.DeviceSettings & sedge.v1.DeviceSettings.$Shape} DeviceSettings
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            DeviceSettings.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.DeviceSettings();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.values && message.values.length))
                                message.values = [];
                            message.values.push($root.sedge.v1.Setting.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return DeviceSettings;
        })();

        v1.Setting = (function() {

            /**
             * Properties of a Setting.
             * @typedef {Object} sedge.v1.Setting.$Properties
             * @property {string|null} [key] Setting key
             * @property {string|null} [value] Setting value
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Setting.
             * @memberof sedge.v1
             * @interface ISetting
             * @augments sedge.v1.Setting.$Properties
             * @deprecated Use sedge.v1.Setting.$Properties instead.
             */

            /**
             * Shape of a Setting.
             * @typedef {sedge.v1.Setting.$Properties} sedge.v1.Setting.$Shape
             */

            /**
             * Constructs a new Setting.
             * @memberof sedge.v1
             * @classdesc Represents a Setting.
             * @constructor
             * @param {sedge.v1.Setting.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Setting = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Setting key.
             * @member {string} key
             * @memberof sedge.v1.Setting
             * @instance
             */
            Setting.prototype.key = "";

            /**
             * Setting value.
             * @member {string} value
             * @memberof sedge.v1.Setting
             * @instance
             */
            Setting.prototype.value = "";

            /**
             * Creates a new Setting instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Setting
             * @static
             * @param {sedge.v1.Setting.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Setting} Setting instance
             * @type {{
             *   (properties: sedge.v1.Setting.$Shape): sedge.v1.Setting & sedge.v1.Setting.$Shape;
             *   (properties?: sedge.v1.Setting.$Properties): sedge.v1.Setting;
             * }}
             */
            Setting.create = function(properties) {
                return new Setting(properties);
            };

            /**
             * Encodes the specified Setting message. Does not implicitly {@link sedge.v1.Setting.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Setting
             * @static
             * @param {sedge.v1.Setting.$Properties} message Setting message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Setting.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.key != null && $Object.hasOwnProperty.call(message, "key") && message.key !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.key);
                if (message.value != null && $Object.hasOwnProperty.call(message, "value") && message.value !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.value);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Setting message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Setting
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Setting & sedge.v1.Setting.$Shape} Setting
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Setting.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Setting();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.key = value;
                            else
                                delete message.key;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.value = value;
                            else
                                delete message.value;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Setting;
        })();

        v1.ModelAssignment = (function() {

            /**
             * Properties of a ModelAssignment.
             * @typedef {Object} sedge.v1.ModelAssignment.$Properties
             * @property {string|null} [model] ModelAssignment model
             * @property {string|null} [version] ModelAssignment version
             * @property {Uint8Array|null} ["package"] ModelAssignment package
             * @property {number|null} [package_size] ModelAssignment package_size
             * @property {string|null} [rollout] ModelAssignment rollout
             * @property {sedge.v1.SoakPolicy.$Properties|null} [soak] ModelAssignment soak
             * @property {Array.<string>|null} [variant_order] ModelAssignment variant_order
             * @property {number|null} [spread_ms] ModelAssignment spread_ms
             * @property {sedge.v1.ShadowPolicy.$Properties|null} [shadow] ModelAssignment shadow
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a ModelAssignment.
             * @memberof sedge.v1
             * @interface IModelAssignment
             * @augments sedge.v1.ModelAssignment.$Properties
             * @deprecated Use sedge.v1.ModelAssignment.$Properties instead.
             */

            /**
             * Shape of a ModelAssignment.
             * @typedef {sedge.v1.ModelAssignment.$Properties} sedge.v1.ModelAssignment.$Shape
             */

            /**
             * Constructs a new ModelAssignment.
             * @memberof sedge.v1
             * @classdesc Represents a ModelAssignment.
             * @constructor
             * @param {sedge.v1.ModelAssignment.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const ModelAssignment = function (properties) {
                this.variant_order = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * ModelAssignment model.
             * @member {string} model
             * @memberof sedge.v1.ModelAssignment
             * @instance
             */
            ModelAssignment.prototype.model = "";

            /**
             * ModelAssignment version.
             * @member {string} version
             * @memberof sedge.v1.ModelAssignment
             * @instance
             */
            ModelAssignment.prototype.version = "";

            /**
             * ModelAssignment package.
             * @member {Uint8Array} package
             * @memberof sedge.v1.ModelAssignment
             * @instance
             */
            ModelAssignment.prototype["package"] = $util.newBuffer([]);

            /**
             * ModelAssignment package_size.
             * @member {number} package_size
             * @memberof sedge.v1.ModelAssignment
             * @instance
             */
            ModelAssignment.prototype.package_size = 0;

            /**
             * ModelAssignment rollout.
             * @member {string} rollout
             * @memberof sedge.v1.ModelAssignment
             * @instance
             */
            ModelAssignment.prototype.rollout = "";

            /**
             * ModelAssignment soak.
             * @member {sedge.v1.SoakPolicy.$Properties|null|undefined} soak
             * @memberof sedge.v1.ModelAssignment
             * @instance
             */
            ModelAssignment.prototype.soak = null;

            /**
             * ModelAssignment variant_order.
             * @member {Array.<string>} variant_order
             * @memberof sedge.v1.ModelAssignment
             * @instance
             */
            ModelAssignment.prototype.variant_order = $util.emptyArray;

            /**
             * ModelAssignment spread_ms.
             * @member {number} spread_ms
             * @memberof sedge.v1.ModelAssignment
             * @instance
             */
            ModelAssignment.prototype.spread_ms = 0;

            /**
             * ModelAssignment shadow.
             * @member {sedge.v1.ShadowPolicy.$Properties|null|undefined} shadow
             * @memberof sedge.v1.ModelAssignment
             * @instance
             */
            ModelAssignment.prototype.shadow = null;

            /**
             * Creates a new ModelAssignment instance using the specified properties.
             * @function create
             * @memberof sedge.v1.ModelAssignment
             * @static
             * @param {sedge.v1.ModelAssignment.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.ModelAssignment} ModelAssignment instance
             * @type {{
             *   (properties: sedge.v1.ModelAssignment.$Shape): sedge.v1.ModelAssignment & sedge.v1.ModelAssignment.$Shape;
             *   (properties?: sedge.v1.ModelAssignment.$Properties): sedge.v1.ModelAssignment;
             * }}
             */
            ModelAssignment.create = function(properties) {
                return new ModelAssignment(properties);
            };

            /**
             * Encodes the specified ModelAssignment message. Does not implicitly {@link sedge.v1.ModelAssignment.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.ModelAssignment
             * @static
             * @param {sedge.v1.ModelAssignment.$Properties} message ModelAssignment message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            ModelAssignment.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.model != null && $Object.hasOwnProperty.call(message, "model") && message.model !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.model);
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.version);
                if (message["package"] != null && $Object.hasOwnProperty.call(message, "package") && message["package"].length)
                    writer.uint32(/* id 3, wireType 2 =*/26).bytes(message["package"]);
                if (message.package_size != null && $Object.hasOwnProperty.call(message, "package_size") && !$Object.is(message.package_size, 0))
                    writer.uint32(/* id 4, wireType 1 =*/33).double(message.package_size);
                if (message.rollout != null && $Object.hasOwnProperty.call(message, "rollout") && message.rollout !== "")
                    writer.uint32(/* id 5, wireType 2 =*/42).string(message.rollout);
                if (message.soak != null && $Object.hasOwnProperty.call(message, "soak"))
                    $root.sedge.v1.SoakPolicy.encode(message.soak, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                if (message.variant_order != null && message.variant_order.length)
                    for (let i = 0; i < message.variant_order.length; ++i)
                        writer.uint32(/* id 7, wireType 2 =*/58).string(message.variant_order[i]);
                if (message.spread_ms != null && $Object.hasOwnProperty.call(message, "spread_ms") && !$Object.is(message.spread_ms, 0))
                    writer.uint32(/* id 8, wireType 1 =*/65).double(message.spread_ms);
                if (message.shadow != null && $Object.hasOwnProperty.call(message, "shadow"))
                    $root.sedge.v1.ShadowPolicy.encode(message.shadow, writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a ModelAssignment message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.ModelAssignment
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.ModelAssignment & sedge.v1.ModelAssignment.$Shape} ModelAssignment
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            ModelAssignment.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.ModelAssignment();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.model = value;
                            else
                                delete message.model;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message["package"] = value;
                            else
                                delete message["package"];
                            continue;
                        }
                    case 4: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.package_size = value;
                            else
                                delete message.package_size;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.rollout = value;
                            else
                                delete message.rollout;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.soak = $root.sedge.v1.SoakPolicy.decode(reader, reader.size(), $undefined, _depth + 1, message.soak);
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if (!(message.variant_order && message.variant_order.length))
                                message.variant_order = [];
                            message.variant_order.push(reader.stringVerify());
                            continue;
                        }
                    case 8: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.spread_ms = value;
                            else
                                delete message.spread_ms;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            message.shadow = $root.sedge.v1.ShadowPolicy.decode(reader, reader.size(), $undefined, _depth + 1, message.shadow);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ModelAssignment;
        })();

        v1.ShadowPolicy = (function() {

            /**
             * Properties of a ShadowPolicy.
             * @typedef {Object} sedge.v1.ShadowPolicy.$Properties
             * @property {number|null} [share] ShadowPolicy share
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a ShadowPolicy.
             * @memberof sedge.v1
             * @interface IShadowPolicy
             * @augments sedge.v1.ShadowPolicy.$Properties
             * @deprecated Use sedge.v1.ShadowPolicy.$Properties instead.
             */

            /**
             * Shape of a ShadowPolicy.
             * @typedef {sedge.v1.ShadowPolicy.$Properties} sedge.v1.ShadowPolicy.$Shape
             */

            /**
             * Constructs a new ShadowPolicy.
             * @memberof sedge.v1
             * @classdesc Represents a ShadowPolicy.
             * @constructor
             * @param {sedge.v1.ShadowPolicy.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const ShadowPolicy = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * ShadowPolicy share.
             * @member {number} share
             * @memberof sedge.v1.ShadowPolicy
             * @instance
             */
            ShadowPolicy.prototype.share = 0;

            /**
             * Creates a new ShadowPolicy instance using the specified properties.
             * @function create
             * @memberof sedge.v1.ShadowPolicy
             * @static
             * @param {sedge.v1.ShadowPolicy.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.ShadowPolicy} ShadowPolicy instance
             * @type {{
             *   (properties: sedge.v1.ShadowPolicy.$Shape): sedge.v1.ShadowPolicy & sedge.v1.ShadowPolicy.$Shape;
             *   (properties?: sedge.v1.ShadowPolicy.$Properties): sedge.v1.ShadowPolicy;
             * }}
             */
            ShadowPolicy.create = function(properties) {
                return new ShadowPolicy(properties);
            };

            /**
             * Encodes the specified ShadowPolicy message. Does not implicitly {@link sedge.v1.ShadowPolicy.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.ShadowPolicy
             * @static
             * @param {sedge.v1.ShadowPolicy.$Properties} message ShadowPolicy message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            ShadowPolicy.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.share != null && $Object.hasOwnProperty.call(message, "share") && !$Object.is(message.share, 0))
                    writer.uint32(/* id 1, wireType 1 =*/9).double(message.share);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a ShadowPolicy message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.ShadowPolicy
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.ShadowPolicy & sedge.v1.ShadowPolicy.$Shape} ShadowPolicy
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            ShadowPolicy.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.ShadowPolicy();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.share = value;
                            else
                                delete message.share;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ShadowPolicy;
        })();

        v1.SoakPolicy = (function() {

            /**
             * Properties of a SoakPolicy.
             * @typedef {Object} sedge.v1.SoakPolicy.$Properties
             * @property {number|null} [duration_ms] SoakPolicy duration_ms
             * @property {number|null} [min_inferences] SoakPolicy min_inferences
             * @property {number|null} [deadline_ms] SoakPolicy deadline_ms
             * @property {number|null} [max_error_share] SoakPolicy max_error_share
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a SoakPolicy.
             * @memberof sedge.v1
             * @interface ISoakPolicy
             * @augments sedge.v1.SoakPolicy.$Properties
             * @deprecated Use sedge.v1.SoakPolicy.$Properties instead.
             */

            /**
             * Shape of a SoakPolicy.
             * @typedef {sedge.v1.SoakPolicy.$Properties} sedge.v1.SoakPolicy.$Shape
             */

            /**
             * Constructs a new SoakPolicy.
             * @memberof sedge.v1
             * @classdesc Represents a SoakPolicy.
             * @constructor
             * @param {sedge.v1.SoakPolicy.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const SoakPolicy = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * SoakPolicy duration_ms.
             * @member {number} duration_ms
             * @memberof sedge.v1.SoakPolicy
             * @instance
             */
            SoakPolicy.prototype.duration_ms = 0;

            /**
             * SoakPolicy min_inferences.
             * @member {number} min_inferences
             * @memberof sedge.v1.SoakPolicy
             * @instance
             */
            SoakPolicy.prototype.min_inferences = 0;

            /**
             * SoakPolicy deadline_ms.
             * @member {number} deadline_ms
             * @memberof sedge.v1.SoakPolicy
             * @instance
             */
            SoakPolicy.prototype.deadline_ms = 0;

            /**
             * SoakPolicy max_error_share.
             * @member {number} max_error_share
             * @memberof sedge.v1.SoakPolicy
             * @instance
             */
            SoakPolicy.prototype.max_error_share = 0;

            /**
             * Creates a new SoakPolicy instance using the specified properties.
             * @function create
             * @memberof sedge.v1.SoakPolicy
             * @static
             * @param {sedge.v1.SoakPolicy.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.SoakPolicy} SoakPolicy instance
             * @type {{
             *   (properties: sedge.v1.SoakPolicy.$Shape): sedge.v1.SoakPolicy & sedge.v1.SoakPolicy.$Shape;
             *   (properties?: sedge.v1.SoakPolicy.$Properties): sedge.v1.SoakPolicy;
             * }}
             */
            SoakPolicy.create = function(properties) {
                return new SoakPolicy(properties);
            };

            /**
             * Encodes the specified SoakPolicy message. Does not implicitly {@link sedge.v1.SoakPolicy.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.SoakPolicy
             * @static
             * @param {sedge.v1.SoakPolicy.$Properties} message SoakPolicy message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            SoakPolicy.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.duration_ms != null && $Object.hasOwnProperty.call(message, "duration_ms") && !$Object.is(message.duration_ms, 0))
                    writer.uint32(/* id 1, wireType 1 =*/9).double(message.duration_ms);
                if (message.min_inferences != null && $Object.hasOwnProperty.call(message, "min_inferences") && message.min_inferences !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.min_inferences);
                if (message.deadline_ms != null && $Object.hasOwnProperty.call(message, "deadline_ms") && !$Object.is(message.deadline_ms, 0))
                    writer.uint32(/* id 3, wireType 1 =*/25).double(message.deadline_ms);
                if (message.max_error_share != null && $Object.hasOwnProperty.call(message, "max_error_share") && !$Object.is(message.max_error_share, 0))
                    writer.uint32(/* id 4, wireType 1 =*/33).double(message.max_error_share);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a SoakPolicy message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.SoakPolicy
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.SoakPolicy & sedge.v1.SoakPolicy.$Shape} SoakPolicy
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            SoakPolicy.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.SoakPolicy();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.duration_ms = value;
                            else
                                delete message.duration_ms;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.min_inferences = value;
                            else
                                delete message.min_inferences;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.deadline_ms = value;
                            else
                                delete message.deadline_ms;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.max_error_share = value;
                            else
                                delete message.max_error_share;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return SoakPolicy;
        })();

        v1.TelemetrySettings = (function() {

            /**
             * Properties of a TelemetrySettings.
             * @typedef {Object} sedge.v1.TelemetrySettings.$Properties
             * @property {number|null} [window_ms] TelemetrySettings window_ms
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a TelemetrySettings.
             * @memberof sedge.v1
             * @interface ITelemetrySettings
             * @augments sedge.v1.TelemetrySettings.$Properties
             * @deprecated Use sedge.v1.TelemetrySettings.$Properties instead.
             */

            /**
             * Shape of a TelemetrySettings.
             * @typedef {sedge.v1.TelemetrySettings.$Properties} sedge.v1.TelemetrySettings.$Shape
             */

            /**
             * Constructs a new TelemetrySettings.
             * @memberof sedge.v1
             * @classdesc Represents a TelemetrySettings.
             * @constructor
             * @param {sedge.v1.TelemetrySettings.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const TelemetrySettings = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * TelemetrySettings window_ms.
             * @member {number} window_ms
             * @memberof sedge.v1.TelemetrySettings
             * @instance
             */
            TelemetrySettings.prototype.window_ms = 0;

            /**
             * Creates a new TelemetrySettings instance using the specified properties.
             * @function create
             * @memberof sedge.v1.TelemetrySettings
             * @static
             * @param {sedge.v1.TelemetrySettings.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.TelemetrySettings} TelemetrySettings instance
             * @type {{
             *   (properties: sedge.v1.TelemetrySettings.$Shape): sedge.v1.TelemetrySettings & sedge.v1.TelemetrySettings.$Shape;
             *   (properties?: sedge.v1.TelemetrySettings.$Properties): sedge.v1.TelemetrySettings;
             * }}
             */
            TelemetrySettings.create = function(properties) {
                return new TelemetrySettings(properties);
            };

            /**
             * Encodes the specified TelemetrySettings message. Does not implicitly {@link sedge.v1.TelemetrySettings.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.TelemetrySettings
             * @static
             * @param {sedge.v1.TelemetrySettings.$Properties} message TelemetrySettings message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            TelemetrySettings.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.window_ms != null && $Object.hasOwnProperty.call(message, "window_ms") && !$Object.is(message.window_ms, 0))
                    writer.uint32(/* id 1, wireType 1 =*/9).double(message.window_ms);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a TelemetrySettings message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.TelemetrySettings
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.TelemetrySettings & sedge.v1.TelemetrySettings.$Shape} TelemetrySettings
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            TelemetrySettings.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.TelemetrySettings();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.window_ms = value;
                            else
                                delete message.window_ms;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return TelemetrySettings;
        })();

        v1.Sampling = (function() {

            /**
             * Properties of a Sampling.
             * @typedef {Object} sedge.v1.Sampling.$Properties
             * @property {Uint8Array|null} [key] Sampling key
             * @property {Array.<sedge.v1.ModelSampling.$Properties>|null} [models] Sampling models
             * @property {Array.<sedge.v1.SampleRequest.$Properties>|null} [requests] Sampling requests
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Sampling.
             * @memberof sedge.v1
             * @interface ISampling
             * @augments sedge.v1.Sampling.$Properties
             * @deprecated Use sedge.v1.Sampling.$Properties instead.
             */

            /**
             * Shape of a Sampling.
             * @typedef {sedge.v1.Sampling.$Properties} sedge.v1.Sampling.$Shape
             */

            /**
             * Constructs a new Sampling.
             * @memberof sedge.v1
             * @classdesc Represents a Sampling.
             * @constructor
             * @param {sedge.v1.Sampling.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Sampling = function (properties) {
                this.models = [];
                this.requests = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Sampling key.
             * @member {Uint8Array} key
             * @memberof sedge.v1.Sampling
             * @instance
             */
            Sampling.prototype.key = $util.newBuffer([]);

            /**
             * Sampling models.
             * @member {Array.<sedge.v1.ModelSampling.$Properties>} models
             * @memberof sedge.v1.Sampling
             * @instance
             */
            Sampling.prototype.models = $util.emptyArray;

            /**
             * Sampling requests.
             * @member {Array.<sedge.v1.SampleRequest.$Properties>} requests
             * @memberof sedge.v1.Sampling
             * @instance
             */
            Sampling.prototype.requests = $util.emptyArray;

            /**
             * Creates a new Sampling instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Sampling
             * @static
             * @param {sedge.v1.Sampling.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Sampling} Sampling instance
             * @type {{
             *   (properties: sedge.v1.Sampling.$Shape): sedge.v1.Sampling & sedge.v1.Sampling.$Shape;
             *   (properties?: sedge.v1.Sampling.$Properties): sedge.v1.Sampling;
             * }}
             */
            Sampling.create = function(properties) {
                return new Sampling(properties);
            };

            /**
             * Encodes the specified Sampling message. Does not implicitly {@link sedge.v1.Sampling.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Sampling
             * @static
             * @param {sedge.v1.Sampling.$Properties} message Sampling message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Sampling.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.key != null && $Object.hasOwnProperty.call(message, "key") && message.key.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.key);
                if (message.models != null && message.models.length)
                    for (let i = 0; i < message.models.length; ++i)
                        $root.sedge.v1.ModelSampling.encode(message.models[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                if (message.requests != null && message.requests.length)
                    for (let i = 0; i < message.requests.length; ++i)
                        $root.sedge.v1.SampleRequest.encode(message.requests[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Sampling message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Sampling
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Sampling & sedge.v1.Sampling.$Shape} Sampling
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Sampling.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Sampling();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.key = value;
                            else
                                delete message.key;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.models && message.models.length))
                                message.models = [];
                            message.models.push($root.sedge.v1.ModelSampling.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.requests && message.requests.length))
                                message.requests = [];
                            message.requests.push($root.sedge.v1.SampleRequest.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Sampling;
        })();

        v1.SampleRequest = (function() {

            /**
             * Properties of a SampleRequest.
             * @typedef {Object} sedge.v1.SampleRequest.$Properties
             * @property {string|null} [id] SampleRequest id
             * @property {string|null} [model] SampleRequest model
             * @property {number|null} [count] SampleRequest count
             * @property {number|null} [until_ms] SampleRequest until_ms
             * @property {string|null} [where] SampleRequest where
             * @property {number|null} [where_until_ms] SampleRequest where_until_ms
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a SampleRequest.
             * @memberof sedge.v1
             * @interface ISampleRequest
             * @augments sedge.v1.SampleRequest.$Properties
             * @deprecated Use sedge.v1.SampleRequest.$Properties instead.
             */

            /**
             * Shape of a SampleRequest.
             * @typedef {sedge.v1.SampleRequest.$Properties} sedge.v1.SampleRequest.$Shape
             */

            /**
             * Constructs a new SampleRequest.
             * @memberof sedge.v1
             * @classdesc Represents a SampleRequest.
             * @constructor
             * @param {sedge.v1.SampleRequest.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const SampleRequest = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * SampleRequest id.
             * @member {string} id
             * @memberof sedge.v1.SampleRequest
             * @instance
             */
            SampleRequest.prototype.id = "";

            /**
             * SampleRequest model.
             * @member {string} model
             * @memberof sedge.v1.SampleRequest
             * @instance
             */
            SampleRequest.prototype.model = "";

            /**
             * SampleRequest count.
             * @member {number} count
             * @memberof sedge.v1.SampleRequest
             * @instance
             */
            SampleRequest.prototype.count = 0;

            /**
             * SampleRequest until_ms.
             * @member {number} until_ms
             * @memberof sedge.v1.SampleRequest
             * @instance
             */
            SampleRequest.prototype.until_ms = 0;

            /**
             * SampleRequest where.
             * @member {string} where
             * @memberof sedge.v1.SampleRequest
             * @instance
             */
            SampleRequest.prototype.where = "";

            /**
             * SampleRequest where_until_ms.
             * @member {number} where_until_ms
             * @memberof sedge.v1.SampleRequest
             * @instance
             */
            SampleRequest.prototype.where_until_ms = 0;

            /**
             * Creates a new SampleRequest instance using the specified properties.
             * @function create
             * @memberof sedge.v1.SampleRequest
             * @static
             * @param {sedge.v1.SampleRequest.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.SampleRequest} SampleRequest instance
             * @type {{
             *   (properties: sedge.v1.SampleRequest.$Shape): sedge.v1.SampleRequest & sedge.v1.SampleRequest.$Shape;
             *   (properties?: sedge.v1.SampleRequest.$Properties): sedge.v1.SampleRequest;
             * }}
             */
            SampleRequest.create = function(properties) {
                return new SampleRequest(properties);
            };

            /**
             * Encodes the specified SampleRequest message. Does not implicitly {@link sedge.v1.SampleRequest.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.SampleRequest
             * @static
             * @param {sedge.v1.SampleRequest.$Properties} message SampleRequest message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            SampleRequest.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.id);
                if (message.model != null && $Object.hasOwnProperty.call(message, "model") && message.model !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.model);
                if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.count);
                if (message.until_ms != null && $Object.hasOwnProperty.call(message, "until_ms") && !$Object.is(message.until_ms, 0))
                    writer.uint32(/* id 4, wireType 1 =*/33).double(message.until_ms);
                if (message.where != null && $Object.hasOwnProperty.call(message, "where") && message.where !== "")
                    writer.uint32(/* id 5, wireType 2 =*/42).string(message.where);
                if (message.where_until_ms != null && $Object.hasOwnProperty.call(message, "where_until_ms") && !$Object.is(message.where_until_ms, 0))
                    writer.uint32(/* id 6, wireType 1 =*/49).double(message.where_until_ms);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a SampleRequest message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.SampleRequest
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.SampleRequest & sedge.v1.SampleRequest.$Shape} SampleRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            SampleRequest.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.SampleRequest();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.model = value;
                            else
                                delete message.model;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.count = value;
                            else
                                delete message.count;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.until_ms = value;
                            else
                                delete message.until_ms;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.where = value;
                            else
                                delete message.where;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.where_until_ms = value;
                            else
                                delete message.where_until_ms;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return SampleRequest;
        })();

        v1.ModelSampling = (function() {

            /**
             * Properties of a ModelSampling.
             * @typedef {Object} sedge.v1.ModelSampling.$Properties
             * @property {string|null} [model] ModelSampling model
             * @property {number|null} [samples_per_day] ModelSampling samples_per_day
             * @property {number|null} [bytes_per_day] ModelSampling bytes_per_day
             * @property {Array.<number>|null} [reasons] ModelSampling reasons
             * @property {Array.<sedge.v1.PrivacyRule.$Properties>|null} [rules] ModelSampling rules
             * @property {string|null} [salt] ModelSampling salt
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a ModelSampling.
             * @memberof sedge.v1
             * @interface IModelSampling
             * @augments sedge.v1.ModelSampling.$Properties
             * @deprecated Use sedge.v1.ModelSampling.$Properties instead.
             */

            /**
             * Shape of a ModelSampling.
             * @typedef {sedge.v1.ModelSampling.$Properties} sedge.v1.ModelSampling.$Shape
             */

            /**
             * Constructs a new ModelSampling.
             * @memberof sedge.v1
             * @classdesc Represents a ModelSampling.
             * @constructor
             * @param {sedge.v1.ModelSampling.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const ModelSampling = function (properties) {
                this.reasons = [];
                this.rules = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * ModelSampling model.
             * @member {string} model
             * @memberof sedge.v1.ModelSampling
             * @instance
             */
            ModelSampling.prototype.model = "";

            /**
             * ModelSampling samples_per_day.
             * @member {number} samples_per_day
             * @memberof sedge.v1.ModelSampling
             * @instance
             */
            ModelSampling.prototype.samples_per_day = 0;

            /**
             * ModelSampling bytes_per_day.
             * @member {number} bytes_per_day
             * @memberof sedge.v1.ModelSampling
             * @instance
             */
            ModelSampling.prototype.bytes_per_day = 0;

            /**
             * ModelSampling reasons.
             * @member {Array.<number>} reasons
             * @memberof sedge.v1.ModelSampling
             * @instance
             */
            ModelSampling.prototype.reasons = $util.emptyArray;

            /**
             * ModelSampling rules.
             * @member {Array.<sedge.v1.PrivacyRule.$Properties>} rules
             * @memberof sedge.v1.ModelSampling
             * @instance
             */
            ModelSampling.prototype.rules = $util.emptyArray;

            /**
             * ModelSampling salt.
             * @member {string} salt
             * @memberof sedge.v1.ModelSampling
             * @instance
             */
            ModelSampling.prototype.salt = "";

            /**
             * Creates a new ModelSampling instance using the specified properties.
             * @function create
             * @memberof sedge.v1.ModelSampling
             * @static
             * @param {sedge.v1.ModelSampling.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.ModelSampling} ModelSampling instance
             * @type {{
             *   (properties: sedge.v1.ModelSampling.$Shape): sedge.v1.ModelSampling & sedge.v1.ModelSampling.$Shape;
             *   (properties?: sedge.v1.ModelSampling.$Properties): sedge.v1.ModelSampling;
             * }}
             */
            ModelSampling.create = function(properties) {
                return new ModelSampling(properties);
            };

            /**
             * Encodes the specified ModelSampling message. Does not implicitly {@link sedge.v1.ModelSampling.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.ModelSampling
             * @static
             * @param {sedge.v1.ModelSampling.$Properties} message ModelSampling message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            ModelSampling.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.model != null && $Object.hasOwnProperty.call(message, "model") && message.model !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.model);
                if (message.samples_per_day != null && $Object.hasOwnProperty.call(message, "samples_per_day") && !$Object.is(message.samples_per_day, 0))
                    writer.uint32(/* id 2, wireType 1 =*/17).double(message.samples_per_day);
                if (message.bytes_per_day != null && $Object.hasOwnProperty.call(message, "bytes_per_day") && !$Object.is(message.bytes_per_day, 0))
                    writer.uint32(/* id 3, wireType 1 =*/25).double(message.bytes_per_day);
                if (message.reasons != null && message.reasons.length)
                    writer.uint32(/* id 4, wireType 2 =*/34).uint32s(message.reasons);
                if (message.rules != null && message.rules.length)
                    for (let i = 0; i < message.rules.length; ++i)
                        $root.sedge.v1.PrivacyRule.encode(message.rules[i], writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                if (message.salt != null && $Object.hasOwnProperty.call(message, "salt") && message.salt !== "")
                    writer.uint32(/* id 6, wireType 2 =*/50).string(message.salt);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a ModelSampling message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.ModelSampling
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.ModelSampling & sedge.v1.ModelSampling.$Shape} ModelSampling
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            ModelSampling.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.ModelSampling();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.model = value;
                            else
                                delete message.model;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.samples_per_day = value;
                            else
                                delete message.samples_per_day;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.bytes_per_day = value;
                            else
                                delete message.bytes_per_day;
                            continue;
                        }
                    case 4: {
                            if (wireType === 2) {
                                if (!(message.reasons && message.reasons.length))
                                    message.reasons = [];
                                reader.uint32s(message.reasons);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.reasons && message.reasons.length))
                                message.reasons = [];
                            message.reasons.push(reader.uint32());
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.rules && message.rules.length))
                                message.rules = [];
                            message.rules.push($root.sedge.v1.PrivacyRule.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.salt = value;
                            else
                                delete message.salt;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ModelSampling;
        })();

        v1.PrivacyRule = (function() {

            /**
             * Properties of a PrivacyRule.
             * @typedef {Object} sedge.v1.PrivacyRule.$Properties
             * @property {string|null} [tensor] PrivacyRule tensor
             * @property {number|null} [column] PrivacyRule column
             * @property {number|null} [kind] PrivacyRule kind
             * @property {number|null} [step] PrivacyRule step
             * @property {Array.<number>|null} [edges] PrivacyRule edges
             * @property {number|null} [radius] PrivacyRule radius
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a PrivacyRule.
             * @memberof sedge.v1
             * @interface IPrivacyRule
             * @augments sedge.v1.PrivacyRule.$Properties
             * @deprecated Use sedge.v1.PrivacyRule.$Properties instead.
             */

            /**
             * Shape of a PrivacyRule.
             * @typedef {sedge.v1.PrivacyRule.$Properties} sedge.v1.PrivacyRule.$Shape
             */

            /**
             * Constructs a new PrivacyRule.
             * @memberof sedge.v1
             * @classdesc Represents a PrivacyRule.
             * @constructor
             * @param {sedge.v1.PrivacyRule.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const PrivacyRule = function (properties) {
                this.edges = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * PrivacyRule tensor.
             * @member {string} tensor
             * @memberof sedge.v1.PrivacyRule
             * @instance
             */
            PrivacyRule.prototype.tensor = "";

            /**
             * PrivacyRule column.
             * @member {number} column
             * @memberof sedge.v1.PrivacyRule
             * @instance
             */
            PrivacyRule.prototype.column = 0;

            /**
             * PrivacyRule kind.
             * @member {number} kind
             * @memberof sedge.v1.PrivacyRule
             * @instance
             */
            PrivacyRule.prototype.kind = 0;

            /**
             * PrivacyRule step.
             * @member {number} step
             * @memberof sedge.v1.PrivacyRule
             * @instance
             */
            PrivacyRule.prototype.step = 0;

            /**
             * PrivacyRule edges.
             * @member {Array.<number>} edges
             * @memberof sedge.v1.PrivacyRule
             * @instance
             */
            PrivacyRule.prototype.edges = $util.emptyArray;

            /**
             * PrivacyRule radius.
             * @member {number} radius
             * @memberof sedge.v1.PrivacyRule
             * @instance
             */
            PrivacyRule.prototype.radius = 0;

            /**
             * Creates a new PrivacyRule instance using the specified properties.
             * @function create
             * @memberof sedge.v1.PrivacyRule
             * @static
             * @param {sedge.v1.PrivacyRule.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.PrivacyRule} PrivacyRule instance
             * @type {{
             *   (properties: sedge.v1.PrivacyRule.$Shape): sedge.v1.PrivacyRule & sedge.v1.PrivacyRule.$Shape;
             *   (properties?: sedge.v1.PrivacyRule.$Properties): sedge.v1.PrivacyRule;
             * }}
             */
            PrivacyRule.create = function(properties) {
                return new PrivacyRule(properties);
            };

            /**
             * Encodes the specified PrivacyRule message. Does not implicitly {@link sedge.v1.PrivacyRule.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.PrivacyRule
             * @static
             * @param {sedge.v1.PrivacyRule.$Properties} message PrivacyRule message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            PrivacyRule.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.tensor != null && $Object.hasOwnProperty.call(message, "tensor") && message.tensor !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.tensor);
                if (message.column != null && $Object.hasOwnProperty.call(message, "column") && message.column !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.column);
                if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.kind);
                if (message.step != null && $Object.hasOwnProperty.call(message, "step") && !$Object.is(message.step, 0))
                    writer.uint32(/* id 4, wireType 1 =*/33).double(message.step);
                if (message.edges != null && message.edges.length)
                    writer.uint32(/* id 5, wireType 2 =*/42).doubles(message.edges);
                if (message.radius != null && $Object.hasOwnProperty.call(message, "radius") && message.radius !== 0)
                    writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.radius);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a PrivacyRule message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.PrivacyRule
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.PrivacyRule & sedge.v1.PrivacyRule.$Shape} PrivacyRule
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            PrivacyRule.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.PrivacyRule();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.tensor = value;
                            else
                                delete message.tensor;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.column = value;
                            else
                                delete message.column;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.kind = value;
                            else
                                delete message.kind;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.step = value;
                            else
                                delete message.step;
                            continue;
                        }
                    case 5: {
                            if (wireType === 2) {
                                if (!(message.edges && message.edges.length))
                                    message.edges = [];
                                reader.doubles(message.edges);
                                continue;
                            }
                            if (wireType !== 1)
                                break;
                            if (!(message.edges && message.edges.length))
                                message.edges = [];
                            message.edges.push(reader.double());
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.radius = value;
                            else
                                delete message.radius;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return PrivacyRule;
        })();

        v1.GoldenSet = (function() {

            /**
             * Properties of a GoldenSet.
             * @typedef {Object} sedge.v1.GoldenSet.$Properties
             * @property {Array.<sedge.v1.GoldenCase.$Properties>|null} [cases] GoldenSet cases
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a GoldenSet.
             * @memberof sedge.v1
             * @interface IGoldenSet
             * @augments sedge.v1.GoldenSet.$Properties
             * @deprecated Use sedge.v1.GoldenSet.$Properties instead.
             */

            /**
             * Shape of a GoldenSet.
             * @typedef {sedge.v1.GoldenSet.$Properties} sedge.v1.GoldenSet.$Shape
             */

            /**
             * Constructs a new GoldenSet.
             * @memberof sedge.v1
             * @classdesc Represents a GoldenSet.
             * @constructor
             * @param {sedge.v1.GoldenSet.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const GoldenSet = function (properties) {
                this.cases = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * GoldenSet cases.
             * @member {Array.<sedge.v1.GoldenCase.$Properties>} cases
             * @memberof sedge.v1.GoldenSet
             * @instance
             */
            GoldenSet.prototype.cases = $util.emptyArray;

            /**
             * Creates a new GoldenSet instance using the specified properties.
             * @function create
             * @memberof sedge.v1.GoldenSet
             * @static
             * @param {sedge.v1.GoldenSet.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.GoldenSet} GoldenSet instance
             * @type {{
             *   (properties: sedge.v1.GoldenSet.$Shape): sedge.v1.GoldenSet & sedge.v1.GoldenSet.$Shape;
             *   (properties?: sedge.v1.GoldenSet.$Properties): sedge.v1.GoldenSet;
             * }}
             */
            GoldenSet.create = function(properties) {
                return new GoldenSet(properties);
            };

            /**
             * Encodes the specified GoldenSet message. Does not implicitly {@link sedge.v1.GoldenSet.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.GoldenSet
             * @static
             * @param {sedge.v1.GoldenSet.$Properties} message GoldenSet message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            GoldenSet.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.cases != null && message.cases.length)
                    for (let i = 0; i < message.cases.length; ++i)
                        $root.sedge.v1.GoldenCase.encode(message.cases[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a GoldenSet message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.GoldenSet
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.GoldenSet & sedge.v1.GoldenSet.$Shape} GoldenSet
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            GoldenSet.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.GoldenSet();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if (!(message.cases && message.cases.length))
                                message.cases = [];
                            message.cases.push($root.sedge.v1.GoldenCase.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return GoldenSet;
        })();

        v1.GoldenCase = (function() {

            /**
             * Properties of a GoldenCase.
             * @typedef {Object} sedge.v1.GoldenCase.$Properties
             * @property {Array.<sedge.v1.Tensor.$Properties>|null} [inputs] GoldenCase inputs
             * @property {Array.<sedge.v1.Tensor.$Properties>|null} [outputs] GoldenCase outputs
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a GoldenCase.
             * @memberof sedge.v1
             * @interface IGoldenCase
             * @augments sedge.v1.GoldenCase.$Properties
             * @deprecated Use sedge.v1.GoldenCase.$Properties instead.
             */

            /**
             * Shape of a GoldenCase.
             * @typedef {sedge.v1.GoldenCase.$Properties} sedge.v1.GoldenCase.$Shape
             */

            /**
             * Constructs a new GoldenCase.
             * @memberof sedge.v1
             * @classdesc Represents a GoldenCase.
             * @constructor
             * @param {sedge.v1.GoldenCase.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const GoldenCase = function (properties) {
                this.inputs = [];
                this.outputs = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * GoldenCase inputs.
             * @member {Array.<sedge.v1.Tensor.$Properties>} inputs
             * @memberof sedge.v1.GoldenCase
             * @instance
             */
            GoldenCase.prototype.inputs = $util.emptyArray;

            /**
             * GoldenCase outputs.
             * @member {Array.<sedge.v1.Tensor.$Properties>} outputs
             * @memberof sedge.v1.GoldenCase
             * @instance
             */
            GoldenCase.prototype.outputs = $util.emptyArray;

            /**
             * Creates a new GoldenCase instance using the specified properties.
             * @function create
             * @memberof sedge.v1.GoldenCase
             * @static
             * @param {sedge.v1.GoldenCase.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.GoldenCase} GoldenCase instance
             * @type {{
             *   (properties: sedge.v1.GoldenCase.$Shape): sedge.v1.GoldenCase & sedge.v1.GoldenCase.$Shape;
             *   (properties?: sedge.v1.GoldenCase.$Properties): sedge.v1.GoldenCase;
             * }}
             */
            GoldenCase.create = function(properties) {
                return new GoldenCase(properties);
            };

            /**
             * Encodes the specified GoldenCase message. Does not implicitly {@link sedge.v1.GoldenCase.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.GoldenCase
             * @static
             * @param {sedge.v1.GoldenCase.$Properties} message GoldenCase message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            GoldenCase.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.inputs != null && message.inputs.length)
                    for (let i = 0; i < message.inputs.length; ++i)
                        $root.sedge.v1.Tensor.encode(message.inputs[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                if (message.outputs != null && message.outputs.length)
                    for (let i = 0; i < message.outputs.length; ++i)
                        $root.sedge.v1.Tensor.encode(message.outputs[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a GoldenCase message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.GoldenCase
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.GoldenCase & sedge.v1.GoldenCase.$Shape} GoldenCase
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            GoldenCase.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.GoldenCase();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if (!(message.inputs && message.inputs.length))
                                message.inputs = [];
                            message.inputs.push($root.sedge.v1.Tensor.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.outputs && message.outputs.length))
                                message.outputs = [];
                            message.outputs.push($root.sedge.v1.Tensor.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return GoldenCase;
        })();

        v1.Tensor = (function() {

            /**
             * Properties of a Tensor.
             * @typedef {Object} sedge.v1.Tensor.$Properties
             * @property {Array.<number>|null} [dims] Tensor dims
             * @property {number|null} [data_type] Tensor data_type
             * @property {string|null} [name] Tensor name
             * @property {Uint8Array|null} [raw_data] Tensor raw_data
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Tensor.
             * @memberof sedge.v1
             * @interface ITensor
             * @augments sedge.v1.Tensor.$Properties
             * @deprecated Use sedge.v1.Tensor.$Properties instead.
             */

            /**
             * Shape of a Tensor.
             * @typedef {sedge.v1.Tensor.$Properties} sedge.v1.Tensor.$Shape
             */

            /**
             * Constructs a new Tensor.
             * @memberof sedge.v1
             * @classdesc Represents a Tensor.
             * @constructor
             * @param {sedge.v1.Tensor.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Tensor = function (properties) {
                this.dims = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Tensor dims.
             * @member {Array.<number>} dims
             * @memberof sedge.v1.Tensor
             * @instance
             */
            Tensor.prototype.dims = $util.emptyArray;

            /**
             * Tensor data_type.
             * @member {number} data_type
             * @memberof sedge.v1.Tensor
             * @instance
             */
            Tensor.prototype.data_type = 0;

            /**
             * Tensor name.
             * @member {string} name
             * @memberof sedge.v1.Tensor
             * @instance
             */
            Tensor.prototype.name = "";

            /**
             * Tensor raw_data.
             * @member {Uint8Array} raw_data
             * @memberof sedge.v1.Tensor
             * @instance
             */
            Tensor.prototype.raw_data = $util.newBuffer([]);

            /**
             * Creates a new Tensor instance using the specified properties.
             * @function create
             * @memberof sedge.v1.Tensor
             * @static
             * @param {sedge.v1.Tensor.$Properties=} [properties] Properties to set
             * @returns {sedge.v1.Tensor} Tensor instance
             * @type {{
             *   (properties: sedge.v1.Tensor.$Shape): sedge.v1.Tensor & sedge.v1.Tensor.$Shape;
             *   (properties?: sedge.v1.Tensor.$Properties): sedge.v1.Tensor;
             * }}
             */
            Tensor.create = function(properties) {
                return new Tensor(properties);
            };

            /**
             * Encodes the specified Tensor message. Does not implicitly {@link sedge.v1.Tensor.verify|verify} messages.
             * @function encode
             * @memberof sedge.v1.Tensor
             * @static
             * @param {sedge.v1.Tensor.$Properties} message Tensor message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Tensor.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.dims != null && message.dims.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).uint32s(message.dims);
                if (message.data_type != null && $Object.hasOwnProperty.call(message, "data_type") && message.data_type !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.data_type);
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(/* id 8, wireType 2 =*/66).string(message.name);
                if (message.raw_data != null && $Object.hasOwnProperty.call(message, "raw_data") && message.raw_data.length)
                    writer.uint32(/* id 9, wireType 2 =*/74).bytes(message.raw_data);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Tensor message from the specified reader or buffer.
             * @function decode
             * @memberof sedge.v1.Tensor
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {sedge.v1.Tensor & sedge.v1.Tensor.$Shape} Tensor
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Tensor.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sedge.v1.Tensor();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType === 2) {
                                if (!(message.dims && message.dims.length))
                                    message.dims = [];
                                reader.uint32s(message.dims);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.dims && message.dims.length))
                                message.dims = [];
                            message.dims.push(reader.uint32());
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.data_type = value;
                            else
                                delete message.data_type;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.raw_data = value;
                            else
                                delete message.raw_data;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Tensor;
        })();

        return v1;
    })();

    return sedge;
})();

export {
  $root as default
};
