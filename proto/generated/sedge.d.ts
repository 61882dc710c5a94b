import * as $protobuf from "protobufjs";
import Long = require("long");

/** Namespace sedge. */
export namespace sedge {

    /** Namespace v1. */
    namespace v1 {

        /**
         * Properties of a DeviceMessage.
         * @deprecated Use sedge.v1.DeviceMessage.$Properties instead.
         */
        interface IDeviceMessage extends sedge.v1.DeviceMessage.$Properties {
        }

        /** Represents a DeviceMessage. */
        class DeviceMessage {

            /**
             * Constructs a new DeviceMessage.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.DeviceMessage.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DeviceMessage birth. */
            birth?: (sedge.v1.Birth.$Properties|null);

            /** DeviceMessage status. */
            status?: (sedge.v1.Status.$Properties|null);

            /** DeviceMessage telemetry. */
            telemetry?: (sedge.v1.TelemetryBatch.$Properties|null);

            /** DeviceMessage reported. */
            reported?: (sedge.v1.ReportedState.$Properties|null);

            /** DeviceMessage block_request. */
            block_request?: (sedge.v1.BlockRequest.$Properties|null);

            /** DeviceMessage delta_request. */
            delta_request?: (sedge.v1.DeltaRequest.$Properties|null);

            /** DeviceMessage body. */
            body?: ("birth"|"status"|"telemetry"|"reported"|"block_request"|"delta_request");

            /**
             * Creates a new DeviceMessage instance using the specified properties.
             * @param [properties] Properties to set
             * @returns DeviceMessage instance
             */
            static create(properties: sedge.v1.DeviceMessage.$Shape): sedge.v1.DeviceMessage & sedge.v1.DeviceMessage.$Shape;
            static create(properties?: sedge.v1.DeviceMessage.$Properties): sedge.v1.DeviceMessage;

            /**
             * Encodes the specified DeviceMessage message. Does not implicitly {@link sedge.v1.DeviceMessage.verify|verify} messages.
             * @param message DeviceMessage message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.DeviceMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeviceMessage message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.DeviceMessage & sedge.v1.DeviceMessage.$Shape} DeviceMessage
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.DeviceMessage & sedge.v1.DeviceMessage.$Shape;
        }

        namespace DeviceMessage {

            /** Properties of a DeviceMessage. */
            interface $Properties {

                /** DeviceMessage birth */
                birth?: (sedge.v1.Birth.$Properties|null);

                /** DeviceMessage status */
                status?: (sedge.v1.Status.$Properties|null);

                /** DeviceMessage telemetry */
                telemetry?: (sedge.v1.TelemetryBatch.$Properties|null);

                /** DeviceMessage reported */
                reported?: (sedge.v1.ReportedState.$Properties|null);

                /** DeviceMessage block_request */
                block_request?: (sedge.v1.BlockRequest.$Properties|null);

                /** DeviceMessage delta_request */
                delta_request?: (sedge.v1.DeltaRequest.$Properties|null);

                /** DeviceMessage body */
                body?: ("birth"|"status"|"telemetry"|"reported"|"block_request"|"delta_request");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a DeviceMessage. */
            type $Shape = {
              birth?: sedge.v1.Birth.$Shape|null;
              status?: sedge.v1.Status.$Shape|null;
              telemetry?: sedge.v1.TelemetryBatch.$Shape|null;
              reported?: sedge.v1.ReportedState.$Shape|null;
              block_request?: sedge.v1.BlockRequest.$Shape|null;
              delta_request?: sedge.v1.DeltaRequest.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ body?: undefined; birth?: null; status?: null; telemetry?: null; reported?: null; block_request?: null; delta_request?: null }|{ body?: "birth"; birth: sedge.v1.Birth.$Shape; status?: null; telemetry?: null; reported?: null; block_request?: null; delta_request?: null }|{ body?: "status"; birth?: null; status: sedge.v1.Status.$Shape; telemetry?: null; reported?: null; block_request?: null; delta_request?: null }|{ body?: "telemetry"; birth?: null; status?: null; telemetry: sedge.v1.TelemetryBatch.$Shape; reported?: null; block_request?: null; delta_request?: null }|{ body?: "reported"; birth?: null; status?: null; telemetry?: null; reported: sedge.v1.ReportedState.$Shape; block_request?: null; delta_request?: null }|{ body?: "block_request"; birth?: null; status?: null; telemetry?: null; reported?: null; block_request: sedge.v1.BlockRequest.$Shape; delta_request?: null }|{ body?: "delta_request"; birth?: null; status?: null; telemetry?: null; reported?: null; block_request?: null; delta_request: sedge.v1.DeltaRequest.$Shape })
            );
        }

        /**
         * Properties of a ControlMessage.
         * @deprecated Use sedge.v1.ControlMessage.$Properties instead.
         */
        interface IControlMessage extends sedge.v1.ControlMessage.$Properties {
        }

        /** Represents a ControlMessage. */
        class ControlMessage {

            /**
             * Constructs a new ControlMessage.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.ControlMessage.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ControlMessage desired. */
            desired?: (sedge.v1.SignedStatement.$Properties|null);

            /** ControlMessage ack. */
            ack?: (sedge.v1.Ack.$Properties|null);

            /** ControlMessage block_data. */
            block_data?: (sedge.v1.BlockData.$Properties|null);

            /** ControlMessage delta_offer. */
            delta_offer?: (sedge.v1.DeltaOffer.$Properties|null);

            /** ControlMessage body. */
            body?: ("desired"|"ack"|"block_data"|"delta_offer");

            /**
             * Creates a new ControlMessage instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ControlMessage instance
             */
            static create(properties: sedge.v1.ControlMessage.$Shape): sedge.v1.ControlMessage & sedge.v1.ControlMessage.$Shape;
            static create(properties?: sedge.v1.ControlMessage.$Properties): sedge.v1.ControlMessage;

            /**
             * Encodes the specified ControlMessage message. Does not implicitly {@link sedge.v1.ControlMessage.verify|verify} messages.
             * @param message ControlMessage message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.ControlMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ControlMessage message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.ControlMessage & sedge.v1.ControlMessage.$Shape} ControlMessage
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.ControlMessage & sedge.v1.ControlMessage.$Shape;
        }

        namespace ControlMessage {

            /** Properties of a ControlMessage. */
            interface $Properties {

                /** ControlMessage desired */
                desired?: (sedge.v1.SignedStatement.$Properties|null);

                /** ControlMessage ack */
                ack?: (sedge.v1.Ack.$Properties|null);

                /** ControlMessage block_data */
                block_data?: (sedge.v1.BlockData.$Properties|null);

                /** ControlMessage delta_offer */
                delta_offer?: (sedge.v1.DeltaOffer.$Properties|null);

                /** ControlMessage body */
                body?: ("desired"|"ack"|"block_data"|"delta_offer");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a ControlMessage. */
            type $Shape = {
              desired?: sedge.v1.SignedStatement.$Shape|null;
              ack?: sedge.v1.Ack.$Shape|null;
              block_data?: sedge.v1.BlockData.$Shape|null;
              delta_offer?: sedge.v1.DeltaOffer.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ body?: undefined; desired?: null; ack?: null; block_data?: null; delta_offer?: null }|{ body?: "desired"; desired: sedge.v1.SignedStatement.$Shape; ack?: null; block_data?: null; delta_offer?: null }|{ body?: "ack"; desired?: null; ack: sedge.v1.Ack.$Shape; block_data?: null; delta_offer?: null }|{ body?: "block_data"; desired?: null; ack?: null; block_data: sedge.v1.BlockData.$Shape; delta_offer?: null }|{ body?: "delta_offer"; desired?: null; ack?: null; block_data?: null; delta_offer: sedge.v1.DeltaOffer.$Shape })
            );
        }

        /**
         * Properties of a Birth.
         * @deprecated Use sedge.v1.Birth.$Properties instead.
         */
        interface IBirth extends sedge.v1.Birth.$Properties {
        }

        /** Represents a Birth. */
        class Birth {

            /**
             * Constructs a new Birth.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Birth.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Birth boot_id. */
            boot_id: string;

            /** Birth connection. */
            connection: number;

            /** Birth agent_version. */
            agent_version: string;

            /** Birth profile. */
            profile?: (sedge.v1.DeviceProfile.$Properties|null);

            /** Birth reported. */
            reported?: (sedge.v1.ReportedState.$Properties|null);

            /** Birth device_time_ms. */
            device_time_ms: number;

            /** Birth uptime_ms. */
            uptime_ms: number;

            /**
             * Creates a new Birth instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Birth instance
             */
            static create(properties: sedge.v1.Birth.$Shape): sedge.v1.Birth & sedge.v1.Birth.$Shape;
            static create(properties?: sedge.v1.Birth.$Properties): sedge.v1.Birth;

            /**
             * Encodes the specified Birth message. Does not implicitly {@link sedge.v1.Birth.verify|verify} messages.
             * @param message Birth message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Birth.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Birth message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Birth & sedge.v1.Birth.$Shape} Birth
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Birth & sedge.v1.Birth.$Shape;
        }

        namespace Birth {

            /** Properties of a Birth. */
            interface $Properties {

                /** Birth boot_id */
                boot_id?: (string|null);

                /** Birth connection */
                connection?: (number|null);

                /** Birth agent_version */
                agent_version?: (string|null);

                /** Birth profile */
                profile?: (sedge.v1.DeviceProfile.$Properties|null);

                /** Birth reported */
                reported?: (sedge.v1.ReportedState.$Properties|null);

                /** Birth device_time_ms */
                device_time_ms?: (number|null);

                /** Birth uptime_ms */
                uptime_ms?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Birth. */
            type $Shape = sedge.v1.Birth.$Properties;
        }

        /**
         * Properties of a DeviceProfile.
         * @deprecated Use sedge.v1.DeviceProfile.$Properties instead.
         */
        interface IDeviceProfile extends sedge.v1.DeviceProfile.$Properties {
        }

        /** Represents a DeviceProfile. */
        class DeviceProfile {

            /**
             * Constructs a new DeviceProfile.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.DeviceProfile.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DeviceProfile architecture. */
            architecture: string;

            /** DeviceProfile operating_system. */
            operating_system: string;

            /** DeviceProfile cpu_flags. */
            cpu_flags: string[];

            /** DeviceProfile memory_bytes. */
            memory_bytes: number;

            /** DeviceProfile runtimes. */
            runtimes: sedge.v1.Runtime.$Properties[];

            /** DeviceProfile hardware. */
            hardware: string;

            /** DeviceProfile abilities. */
            abilities: string[];

            /**
             * Creates a new DeviceProfile instance using the specified properties.
             * @param [properties] Properties to set
             * @returns DeviceProfile instance
             */
            static create(properties: sedge.v1.DeviceProfile.$Shape): sedge.v1.DeviceProfile & sedge.v1.DeviceProfile.$Shape;
            static create(properties?: sedge.v1.DeviceProfile.$Properties): sedge.v1.DeviceProfile;

            /**
             * Encodes the specified DeviceProfile message. Does not implicitly {@link sedge.v1.DeviceProfile.verify|verify} messages.
             * @param message DeviceProfile message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.DeviceProfile.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeviceProfile message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.DeviceProfile & sedge.v1.DeviceProfile.$Shape} DeviceProfile
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.DeviceProfile & sedge.v1.DeviceProfile.$Shape;
        }

        namespace DeviceProfile {

            /** Properties of a DeviceProfile. */
            interface $Properties {

                /** DeviceProfile architecture */
                architecture?: (string|null);

                /** DeviceProfile operating_system */
                operating_system?: (string|null);

                /** DeviceProfile cpu_flags */
                cpu_flags?: (string[]|null);

                /** DeviceProfile memory_bytes */
                memory_bytes?: (number|null);

                /** DeviceProfile runtimes */
                runtimes?: (sedge.v1.Runtime.$Properties[]|null);

                /** DeviceProfile hardware */
                hardware?: (string|null);

                /** DeviceProfile abilities */
                abilities?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DeviceProfile. */
            type $Shape = sedge.v1.DeviceProfile.$Properties;
        }

        /**
         * Properties of a Runtime.
         * @deprecated Use sedge.v1.Runtime.$Properties instead.
         */
        interface IRuntime extends sedge.v1.Runtime.$Properties {
        }

        /** Represents a Runtime. */
        class Runtime {

            /**
             * Constructs a new Runtime.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Runtime.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Runtime name. */
            name: string;

            /** Runtime version. */
            version: string;

            /**
             * Creates a new Runtime instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Runtime instance
             */
            static create(properties: sedge.v1.Runtime.$Shape): sedge.v1.Runtime & sedge.v1.Runtime.$Shape;
            static create(properties?: sedge.v1.Runtime.$Properties): sedge.v1.Runtime;

            /**
             * Encodes the specified Runtime message. Does not implicitly {@link sedge.v1.Runtime.verify|verify} messages.
             * @param message Runtime message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Runtime.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Runtime message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Runtime & sedge.v1.Runtime.$Shape} Runtime
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Runtime & sedge.v1.Runtime.$Shape;
        }

        namespace Runtime {

            /** Properties of a Runtime. */
            interface $Properties {

                /** Runtime name */
                name?: (string|null);

                /** Runtime version */
                version?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Runtime. */
            type $Shape = sedge.v1.Runtime.$Properties;
        }

        /**
         * Properties of a Status.
         * @deprecated Use sedge.v1.Status.$Properties instead.
         */
        interface IStatus extends sedge.v1.Status.$Properties {
        }

        /** Represents a Status. */
        class Status {

            /**
             * Constructs a new Status.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Status.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Status state. */
            state: number;

            /** Status boot_id. */
            boot_id: string;

            /** Status connection. */
            connection: number;

            /**
             * Creates a new Status instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Status instance
             */
            static create(properties: sedge.v1.Status.$Shape): sedge.v1.Status & sedge.v1.Status.$Shape;
            static create(properties?: sedge.v1.Status.$Properties): sedge.v1.Status;

            /**
             * Encodes the specified Status message. Does not implicitly {@link sedge.v1.Status.verify|verify} messages.
             * @param message Status message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Status.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Status message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Status & sedge.v1.Status.$Shape} Status
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Status & sedge.v1.Status.$Shape;
        }

        namespace Status {

            /** Properties of a Status. */
            interface $Properties {

                /** Status state */
                state?: (number|null);

                /** Status boot_id */
                boot_id?: (string|null);

                /** Status connection */
                connection?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Status. */
            type $Shape = sedge.v1.Status.$Properties;
        }

        /**
         * Properties of a ReportedState.
         * @deprecated Use sedge.v1.ReportedState.$Properties instead.
         */
        interface IReportedState extends sedge.v1.ReportedState.$Properties {
        }

        /** Represents a ReportedState. */
        class ReportedState {

            /**
             * Constructs a new ReportedState.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.ReportedState.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ReportedState epoch. */
            epoch: number;

            /** ReportedState generation. */
            generation: number;

            /** ReportedState models. */
            models: sedge.v1.ModelReport.$Properties[];

            /** ReportedState refusal. */
            refusal: string;

            /** ReportedState settings. */
            settings: sedge.v1.SettingsReport.$Properties[];

            /**
             * Creates a new ReportedState instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ReportedState instance
             */
            static create(properties: sedge.v1.ReportedState.$Shape): sedge.v1.ReportedState & sedge.v1.ReportedState.$Shape;
            static create(properties?: sedge.v1.ReportedState.$Properties): sedge.v1.ReportedState;

            /**
             * Encodes the specified ReportedState message. Does not implicitly {@link sedge.v1.ReportedState.verify|verify} messages.
             * @param message ReportedState message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.ReportedState.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ReportedState message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.ReportedState & sedge.v1.ReportedState.$Shape} ReportedState
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.ReportedState & sedge.v1.ReportedState.$Shape;
        }

        namespace ReportedState {

            /** Properties of a ReportedState. */
            interface $Properties {

                /** ReportedState epoch */
                epoch?: (number|null);

                /** ReportedState generation */
                generation?: (number|null);

                /** ReportedState models */
                models?: (sedge.v1.ModelReport.$Properties[]|null);

                /** ReportedState refusal */
                refusal?: (string|null);

                /** ReportedState settings */
                settings?: (sedge.v1.SettingsReport.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ReportedState. */
            type $Shape = sedge.v1.ReportedState.$Properties;
        }

        /**
         * Properties of a SettingsReport.
         * @deprecated Use sedge.v1.SettingsReport.$Properties instead.
         */
        interface ISettingsReport extends sedge.v1.SettingsReport.$Properties {
        }

        /** Represents a SettingsReport. */
        class SettingsReport {

            /**
             * Constructs a new SettingsReport.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.SettingsReport.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SettingsReport name. */
            name: string;

            /** SettingsReport version. */
            version: number;

            /** SettingsReport refused. */
            refused: number;

            /** SettingsReport reason. */
            reason: string;

            /** SettingsReport pinned. */
            pinned: string[];

            /**
             * Creates a new SettingsReport instance using the specified properties.
             * @param [properties] Properties to set
             * @returns SettingsReport instance
             */
            static create(properties: sedge.v1.SettingsReport.$Shape): sedge.v1.SettingsReport & sedge.v1.SettingsReport.$Shape;
            static create(properties?: sedge.v1.SettingsReport.$Properties): sedge.v1.SettingsReport;

            /**
             * Encodes the specified SettingsReport message. Does not implicitly {@link sedge.v1.SettingsReport.verify|verify} messages.
             * @param message SettingsReport message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.SettingsReport.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SettingsReport message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.SettingsReport & sedge.v1.SettingsReport.$Shape} SettingsReport
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.SettingsReport & sedge.v1.SettingsReport.$Shape;
        }

        namespace SettingsReport {

            /** Properties of a SettingsReport. */
            interface $Properties {

                /** SettingsReport name */
                name?: (string|null);

                /** SettingsReport version */
                version?: (number|null);

                /** SettingsReport refused */
                refused?: (number|null);

                /** SettingsReport reason */
                reason?: (string|null);

                /** SettingsReport pinned */
                pinned?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SettingsReport. */
            type $Shape = sedge.v1.SettingsReport.$Properties;
        }

        /**
         * Properties of a ModelReport.
         * @deprecated Use sedge.v1.ModelReport.$Properties instead.
         */
        interface IModelReport extends sedge.v1.ModelReport.$Properties {
        }

        /** Represents a ModelReport. */
        class ModelReport {

            /**
             * Constructs a new ModelReport.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.ModelReport.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ModelReport model. */
            model: string;

            /** ModelReport active. */
            active?: (sedge.v1.SlotReport.$Properties|null);

            /** ModelReport candidate. */
            candidate?: (sedge.v1.SlotReport.$Properties|null);

            /** ModelReport previous. */
            previous?: (sedge.v1.SlotReport.$Properties|null);

            /** ModelReport phase. */
            phase: number;

            /** ModelReport failure. */
            failure?: (sedge.v1.UpdateFailure.$Properties|null);

            /** ModelReport quarantined. */
            quarantined: sedge.v1.QuarantineReport.$Properties[];

            /** ModelReport factory. */
            factory?: (sedge.v1.SlotReport.$Properties|null);

            /**
             * Creates a new ModelReport instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ModelReport instance
             */
            static create(properties: sedge.v1.ModelReport.$Shape): sedge.v1.ModelReport & sedge.v1.ModelReport.$Shape;
            static create(properties?: sedge.v1.ModelReport.$Properties): sedge.v1.ModelReport;

            /**
             * Encodes the specified ModelReport message. Does not implicitly {@link sedge.v1.ModelReport.verify|verify} messages.
             * @param message ModelReport message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.ModelReport.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModelReport message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.ModelReport & sedge.v1.ModelReport.$Shape} ModelReport
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.ModelReport & sedge.v1.ModelReport.$Shape;
        }

        namespace ModelReport {

            /** Properties of a ModelReport. */
            interface $Properties {

                /** ModelReport model */
                model?: (string|null);

                /** ModelReport active */
                active?: (sedge.v1.SlotReport.$Properties|null);

                /** ModelReport candidate */
                candidate?: (sedge.v1.SlotReport.$Properties|null);

                /** ModelReport previous */
                previous?: (sedge.v1.SlotReport.$Properties|null);

                /** ModelReport phase */
                phase?: (number|null);

                /** ModelReport failure */
                failure?: (sedge.v1.UpdateFailure.$Properties|null);

                /** ModelReport quarantined */
                quarantined?: (sedge.v1.QuarantineReport.$Properties[]|null);

                /** ModelReport factory */
                factory?: (sedge.v1.SlotReport.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModelReport. */
            type $Shape = sedge.v1.ModelReport.$Properties;
        }

        /**
         * Properties of a QuarantineReport.
         * @deprecated Use sedge.v1.QuarantineReport.$Properties instead.
         */
        interface IQuarantineReport extends sedge.v1.QuarantineReport.$Properties {
        }

        /** Represents a QuarantineReport. */
        class QuarantineReport {

            /**
             * Constructs a new QuarantineReport.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.QuarantineReport.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** QuarantineReport package. */
            package: Uint8Array;

            /** QuarantineReport variant. */
            variant: string;

            /** QuarantineReport cause. */
            cause: number;

            /** QuarantineReport reason. */
            reason: string;

            /** QuarantineReport runtime. */
            runtime: string;

            /**
             * Creates a new QuarantineReport instance using the specified properties.
             * @param [properties] Properties to set
             * @returns QuarantineReport instance
             */
            static create(properties: sedge.v1.QuarantineReport.$Shape): sedge.v1.QuarantineReport & sedge.v1.QuarantineReport.$Shape;
            static create(properties?: sedge.v1.QuarantineReport.$Properties): sedge.v1.QuarantineReport;

            /**
             * Encodes the specified QuarantineReport message. Does not implicitly {@link sedge.v1.QuarantineReport.verify|verify} messages.
             * @param message QuarantineReport message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.QuarantineReport.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a QuarantineReport message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.QuarantineReport & sedge.v1.QuarantineReport.$Shape} QuarantineReport
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.QuarantineReport & sedge.v1.QuarantineReport.$Shape;
        }

        namespace QuarantineReport {

            /** Properties of a QuarantineReport. */
            interface $Properties {

                /** QuarantineReport package */
                "package"?: (Uint8Array|null);

                /** QuarantineReport variant */
                variant?: (string|null);

                /** QuarantineReport cause */
                cause?: (number|null);

                /** QuarantineReport reason */
                reason?: (string|null);

                /** QuarantineReport runtime */
                runtime?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a QuarantineReport. */
            type $Shape = sedge.v1.QuarantineReport.$Properties;
        }

        /**
         * Properties of a SlotReport.
         * @deprecated Use sedge.v1.SlotReport.$Properties instead.
         */
        interface ISlotReport extends sedge.v1.SlotReport.$Properties {
        }

        /** Represents a SlotReport. */
        class SlotReport {

            /**
             * Constructs a new SlotReport.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.SlotReport.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SlotReport version. */
            version: string;

            /** SlotReport package. */
            package: Uint8Array;

            /** SlotReport variant. */
            variant: string;

            /**
             * Creates a new SlotReport instance using the specified properties.
             * @param [properties] Properties to set
             * @returns SlotReport instance
             */
            static create(properties: sedge.v1.SlotReport.$Shape): sedge.v1.SlotReport & sedge.v1.SlotReport.$Shape;
            static create(properties?: sedge.v1.SlotReport.$Properties): sedge.v1.SlotReport;

            /**
             * Encodes the specified SlotReport message. Does not implicitly {@link sedge.v1.SlotReport.verify|verify} messages.
             * @param message SlotReport message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.SlotReport.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SlotReport message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.SlotReport & sedge.v1.SlotReport.$Shape} SlotReport
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.SlotReport & sedge.v1.SlotReport.$Shape;
        }

        namespace SlotReport {

            /** Properties of a SlotReport. */
            interface $Properties {

                /** SlotReport version */
                version?: (string|null);

                /** SlotReport package */
                "package"?: (Uint8Array|null);

                /** SlotReport variant */
                variant?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SlotReport. */
            type $Shape = sedge.v1.SlotReport.$Properties;
        }

        /**
         * Properties of an UpdateFailure.
         * @deprecated Use sedge.v1.UpdateFailure.$Properties instead.
         */
        interface IUpdateFailure extends sedge.v1.UpdateFailure.$Properties {
        }

        /** Represents an UpdateFailure. */
        class UpdateFailure {

            /**
             * Constructs a new UpdateFailure.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.UpdateFailure.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UpdateFailure package. */
            package: Uint8Array;

            /** UpdateFailure kind. */
            kind: number;

            /** UpdateFailure reason. */
            reason: string;

            /** UpdateFailure by_hand. */
            by_hand: boolean;

            /**
             * Creates a new UpdateFailure instance using the specified properties.
             * @param [properties] Properties to set
             * @returns UpdateFailure instance
             */
            static create(properties: sedge.v1.UpdateFailure.$Shape): sedge.v1.UpdateFailure & sedge.v1.UpdateFailure.$Shape;
            static create(properties?: sedge.v1.UpdateFailure.$Properties): sedge.v1.UpdateFailure;

            /**
             * Encodes the specified UpdateFailure message. Does not implicitly {@link sedge.v1.UpdateFailure.verify|verify} messages.
             * @param message UpdateFailure message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.UpdateFailure.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UpdateFailure message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.UpdateFailure & sedge.v1.UpdateFailure.$Shape} UpdateFailure
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.UpdateFailure & sedge.v1.UpdateFailure.$Shape;
        }

        namespace UpdateFailure {

            /** Properties of an UpdateFailure. */
            interface $Properties {

                /** UpdateFailure package */
                "package"?: (Uint8Array|null);

                /** UpdateFailure kind */
                kind?: (number|null);

                /** UpdateFailure reason */
                reason?: (string|null);

                /** UpdateFailure by_hand */
                by_hand?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UpdateFailure. */
            type $Shape = sedge.v1.UpdateFailure.$Properties;
        }

        /**
         * Properties of a TelemetryBatch.
         * @deprecated Use sedge.v1.TelemetryBatch.$Properties instead.
         */
        interface ITelemetryBatch extends sedge.v1.TelemetryBatch.$Properties {
        }

        /** Represents a TelemetryBatch. */
        class TelemetryBatch {

            /**
             * Constructs a new TelemetryBatch.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.TelemetryBatch.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TelemetryBatch lane. */
            lane: number;

            /** TelemetryBatch epoch. */
            epoch: string;

            /** TelemetryBatch records. */
            records: sedge.v1.TelemetryRecord.$Properties[];

            /** TelemetryBatch starts_at_oldest. */
            starts_at_oldest: boolean;

            /**
             * Creates a new TelemetryBatch instance using the specified properties.
             * @param [properties] Properties to set
             * @returns TelemetryBatch instance
             */
            static create(properties: sedge.v1.TelemetryBatch.$Shape): sedge.v1.TelemetryBatch & sedge.v1.TelemetryBatch.$Shape;
            static create(properties?: sedge.v1.TelemetryBatch.$Properties): sedge.v1.TelemetryBatch;

            /**
             * Encodes the specified TelemetryBatch message. Does not implicitly {@link sedge.v1.TelemetryBatch.verify|verify} messages.
             * @param message TelemetryBatch message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.TelemetryBatch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TelemetryBatch message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.TelemetryBatch & sedge.v1.TelemetryBatch.$Shape} TelemetryBatch
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.TelemetryBatch & sedge.v1.TelemetryBatch.$Shape;
        }

        namespace TelemetryBatch {

            /** Properties of a TelemetryBatch. */
            interface $Properties {

                /** TelemetryBatch lane */
                lane?: (number|null);

                /** TelemetryBatch epoch */
                epoch?: (string|null);

                /** TelemetryBatch records */
                records?: (sedge.v1.TelemetryRecord.$Properties[]|null);

                /** TelemetryBatch starts_at_oldest */
                starts_at_oldest?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TelemetryBatch. */
            type $Shape = {
              lane?: number|null;
              epoch?: string|null;
              records?: sedge.v1.TelemetryRecord.$Shape[]|null;
              starts_at_oldest?: boolean|null;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a TelemetryRecord.
         * @deprecated Use sedge.v1.TelemetryRecord.$Properties instead.
         */
        interface ITelemetryRecord extends sedge.v1.TelemetryRecord.$Properties {
        }

        /** Represents a TelemetryRecord. */
        class TelemetryRecord {

            /**
             * Constructs a new TelemetryRecord.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.TelemetryRecord.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TelemetryRecord seq. */
            seq: number;

            /** TelemetryRecord time_ms. */
            time_ms: number;

            /** TelemetryRecord window. */
            window?: (sedge.v1.Window.$Properties|null);

            /** TelemetryRecord event. */
            event?: (sedge.v1.LifecycleEvent.$Properties|null);

            /** TelemetryRecord tombstone. */
            tombstone?: (sedge.v1.Tombstone.$Properties|null);

            /** TelemetryRecord sample. */
            sample?: (sedge.v1.Sample.$Properties|null);

            /** TelemetryRecord health. */
            health?: (sedge.v1.Health.$Properties|null);

            /** TelemetryRecord log. */
            log?: (sedge.v1.LogLine.$Properties|null);

            /** TelemetryRecord body. */
            body?: ("window"|"event"|"tombstone"|"sample"|"health"|"log");

            /**
             * Creates a new TelemetryRecord instance using the specified properties.
             * @param [properties] Properties to set
             * @returns TelemetryRecord instance
             */
            static create(properties: sedge.v1.TelemetryRecord.$Shape): sedge.v1.TelemetryRecord & sedge.v1.TelemetryRecord.$Shape;
            static create(properties?: sedge.v1.TelemetryRecord.$Properties): sedge.v1.TelemetryRecord;

            /**
             * Encodes the specified TelemetryRecord message. Does not implicitly {@link sedge.v1.TelemetryRecord.verify|verify} messages.
             * @param message TelemetryRecord message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.TelemetryRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TelemetryRecord message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.TelemetryRecord & sedge.v1.TelemetryRecord.$Shape} TelemetryRecord
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.TelemetryRecord & sedge.v1.TelemetryRecord.$Shape;
        }

        namespace TelemetryRecord {

            /** Properties of a TelemetryRecord. */
            interface $Properties {

                /** TelemetryRecord seq */
                seq?: (number|null);

                /** TelemetryRecord time_ms */
                time_ms?: (number|null);

                /** TelemetryRecord window */
                window?: (sedge.v1.Window.$Properties|null);

                /** TelemetryRecord event */
                event?: (sedge.v1.LifecycleEvent.$Properties|null);

                /** TelemetryRecord tombstone */
                tombstone?: (sedge.v1.Tombstone.$Properties|null);

                /** TelemetryRecord sample */
                sample?: (sedge.v1.Sample.$Properties|null);

                /** TelemetryRecord health */
                health?: (sedge.v1.Health.$Properties|null);

                /** TelemetryRecord log */
                log?: (sedge.v1.LogLine.$Properties|null);

                /** TelemetryRecord body */
                body?: ("window"|"event"|"tombstone"|"sample"|"health"|"log");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a TelemetryRecord. */
            type $Shape = {
              seq?: number|null;
              time_ms?: number|null;
              window?: sedge.v1.Window.$Shape|null;
              event?: sedge.v1.LifecycleEvent.$Shape|null;
              tombstone?: sedge.v1.Tombstone.$Shape|null;
              sample?: sedge.v1.Sample.$Shape|null;
              health?: sedge.v1.Health.$Shape|null;
              log?: sedge.v1.LogLine.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ body?: undefined; window?: null; event?: null; tombstone?: null; sample?: null; health?: null; log?: null }|{ body?: "window"; window: sedge.v1.Window.$Shape; event?: null; tombstone?: null; sample?: null; health?: null; log?: null }|{ body?: "event"; window?: null; event: sedge.v1.LifecycleEvent.$Shape; tombstone?: null; sample?: null; health?: null; log?: null }|{ body?: "tombstone"; window?: null; event?: null; tombstone: sedge.v1.Tombstone.$Shape; sample?: null; health?: null; log?: null }|{ body?: "sample"; window?: null; event?: null; tombstone?: null; sample: sedge.v1.Sample.$Shape; health?: null; log?: null }|{ body?: "health"; window?: null; event?: null; tombstone?: null; sample?: null; health: sedge.v1.Health.$Shape; log?: null }|{ body?: "log"; window?: null; event?: null; tombstone?: null; sample?: null; health?: null; log: sedge.v1.LogLine.$Shape })
            );
        }

        /**
         * Properties of a Window.
         * @deprecated Use sedge.v1.Window.$Properties instead.
         */
        interface IWindow extends sedge.v1.Window.$Properties {
        }

        /** Represents a Window. */
        class Window {

            /**
             * Constructs a new Window.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Window.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Window model. */
            model: string;

            /** Window version. */
            version: string;

            /** Window package. */
            package: Uint8Array;

            /** Window variant. */
            variant: string;

            /** Window started_at_ms. */
            started_at_ms: number;

            /** Window ended_at_ms. */
            ended_at_ms: number;

            /** Window inferences. */
            inferences: number;

            /** Window errors. */
            errors: sedge.v1.ErrorCount.$Properties[];

            /** Window latency. */
            latency?: (sedge.v1.SparseCounts.$Properties|null);

            /** Window streams. */
            streams: sedge.v1.StreamCounts.$Properties[];

            /** Window trial. */
            trial: boolean;

            /** Window feedback. */
            feedback?: (sedge.v1.Feedback.$Properties|null);

            /** Window shadow. */
            shadow?: (sedge.v1.Agreement.$Properties|null);

            /**
             * Creates a new Window instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Window instance
             */
            static create(properties: sedge.v1.Window.$Shape): sedge.v1.Window & sedge.v1.Window.$Shape;
            static create(properties?: sedge.v1.Window.$Properties): sedge.v1.Window;

            /**
             * Encodes the specified Window message. Does not implicitly {@link sedge.v1.Window.verify|verify} messages.
             * @param message Window message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Window.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Window message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Window & sedge.v1.Window.$Shape} Window
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Window & sedge.v1.Window.$Shape;
        }

        namespace Window {

            /** Properties of a Window. */
            interface $Properties {

                /** Window model */
                model?: (string|null);

                /** Window version */
                version?: (string|null);

                /** Window package */
                "package"?: (Uint8Array|null);

                /** Window variant */
                variant?: (string|null);

                /** Window started_at_ms */
                started_at_ms?: (number|null);

                /** Window ended_at_ms */
                ended_at_ms?: (number|null);

                /** Window inferences */
                inferences?: (number|null);

                /** Window errors */
                errors?: (sedge.v1.ErrorCount.$Properties[]|null);

                /** Window latency */
                latency?: (sedge.v1.SparseCounts.$Properties|null);

                /** Window streams */
                streams?: (sedge.v1.StreamCounts.$Properties[]|null);

                /** Window trial */
                trial?: (boolean|null);

                /** Window feedback */
                feedback?: (sedge.v1.Feedback.$Properties|null);

                /** Window shadow */
                shadow?: (sedge.v1.Agreement.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Window. */
            type $Shape = sedge.v1.Window.$Properties;
        }

        /**
         * Properties of an Agreement.
         * @deprecated Use sedge.v1.Agreement.$Properties instead.
         */
        interface IAgreement extends sedge.v1.Agreement.$Properties {
        }

        /** Represents an Agreement. */
        class Agreement {

            /**
             * Constructs a new Agreement.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Agreement.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Agreement compared. */
            compared: number;

            /** Agreement disagreed. */
            disagreed: number;

            /** Agreement skipped. */
            skipped: number;

            /** Agreement active_work_ms. */
            active_work_ms: number;

            /** Agreement candidate_work_ms. */
            candidate_work_ms: number;

            /** Agreement failed. */
            failed: number;

            /** Agreement distance. */
            distance?: (sedge.v1.SparseCounts.$Properties|null);

            /**
             * Creates a new Agreement instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Agreement instance
             */
            static create(properties: sedge.v1.Agreement.$Shape): sedge.v1.Agreement & sedge.v1.Agreement.$Shape;
            static create(properties?: sedge.v1.Agreement.$Properties): sedge.v1.Agreement;

            /**
             * Encodes the specified Agreement message. Does not implicitly {@link sedge.v1.Agreement.verify|verify} messages.
             * @param message Agreement message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Agreement.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Agreement message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Agreement & sedge.v1.Agreement.$Shape} Agreement
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Agreement & sedge.v1.Agreement.$Shape;
        }

        namespace Agreement {

            /** Properties of an Agreement. */
            interface $Properties {

                /** Agreement compared */
                compared?: (number|null);

                /** Agreement disagreed */
                disagreed?: (number|null);

                /** Agreement skipped */
                skipped?: (number|null);

                /** Agreement active_work_ms */
                active_work_ms?: (number|null);

                /** Agreement candidate_work_ms */
                candidate_work_ms?: (number|null);

                /** Agreement failed */
                failed?: (number|null);

                /** Agreement distance */
                distance?: (sedge.v1.SparseCounts.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Agreement. */
            type $Shape = sedge.v1.Agreement.$Properties;
        }

        /**
         * Properties of a Feedback.
         * @deprecated Use sedge.v1.Feedback.$Properties instead.
         */
        interface IFeedback extends sedge.v1.Feedback.$Properties {
        }

        /** Represents a Feedback. */
        class Feedback {

            /**
             * Constructs a new Feedback.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Feedback.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Feedback right. */
            right: number;

            /** Feedback wrong. */
            wrong: number;

            /** Feedback values. */
            values: number;

            /** Feedback absolute_error. */
            absolute_error: number;

            /**
             * Creates a new Feedback instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Feedback instance
             */
            static create(properties: sedge.v1.Feedback.$Shape): sedge.v1.Feedback & sedge.v1.Feedback.$Shape;
            static create(properties?: sedge.v1.Feedback.$Properties): sedge.v1.Feedback;

            /**
             * Encodes the specified Feedback message. Does not implicitly {@link sedge.v1.Feedback.verify|verify} messages.
             * @param message Feedback message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Feedback.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Feedback message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Feedback & sedge.v1.Feedback.$Shape} Feedback
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Feedback & sedge.v1.Feedback.$Shape;
        }

        namespace Feedback {

            /** Properties of a Feedback. */
            interface $Properties {

                /** Feedback right */
                right?: (number|null);

                /** Feedback wrong */
                wrong?: (number|null);

                /** Feedback values */
                values?: (number|null);

                /** Feedback absolute_error */
                absolute_error?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Feedback. */
            type $Shape = sedge.v1.Feedback.$Properties;
        }

        /**
         * Properties of a Sample.
         * @deprecated Use sedge.v1.Sample.$Properties instead.
         */
        interface ISample extends sedge.v1.Sample.$Properties {
        }

        /** Represents a Sample. */
        class Sample {

            /**
             * Constructs a new Sample.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Sample.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Sample model. */
            model: string;

            /** Sample version. */
            version: string;

            /** Sample package. */
            package: Uint8Array;

            /** Sample variant. */
            variant: string;

            /** Sample taken_at_ms. */
            taken_at_ms: number;

            /** Sample reason. */
            reason: number;

            /** Sample inclusion_probability. */
            inclusion_probability: number;

            /** Sample ephemeral_key. */
            ephemeral_key: Uint8Array;

            /** Sample ciphertext. */
            ciphertext: Uint8Array;

            /** Sample part. */
            part: number;

            /** Sample parts. */
            parts: number;

            /** Sample request. */
            request: string;

            /**
             * Creates a new Sample instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Sample instance
             */
            static create(properties: sedge.v1.Sample.$Shape): sedge.v1.Sample & sedge.v1.Sample.$Shape;
            static create(properties?: sedge.v1.Sample.$Properties): sedge.v1.Sample;

            /**
             * Encodes the specified Sample message. Does not implicitly {@link sedge.v1.Sample.verify|verify} messages.
             * @param message Sample message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Sample.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Sample message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Sample & sedge.v1.Sample.$Shape} Sample
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Sample & sedge.v1.Sample.$Shape;
        }

        namespace Sample {

            /** Properties of a Sample. */
            interface $Properties {

                /** Sample model */
                model?: (string|null);

                /** Sample version */
                version?: (string|null);

                /** Sample package */
                "package"?: (Uint8Array|null);

                /** Sample variant */
                variant?: (string|null);

                /** Sample taken_at_ms */
                taken_at_ms?: (number|null);

                /** Sample reason */
                reason?: (number|null);

                /** Sample inclusion_probability */
                inclusion_probability?: (number|null);

                /** Sample ephemeral_key */
                ephemeral_key?: (Uint8Array|null);

                /** Sample ciphertext */
                ciphertext?: (Uint8Array|null);

                /** Sample part */
                part?: (number|null);

                /** Sample parts */
                parts?: (number|null);

                /** Sample request */
                request?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Sample. */
            type $Shape = sedge.v1.Sample.$Properties;
        }

        /**
         * Properties of a Health.
         * @deprecated Use sedge.v1.Health.$Properties instead.
         */
        interface IHealth extends sedge.v1.Health.$Properties {
        }

        /** Represents a Health. */
        class Health {

            /**
             * Constructs a new Health.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Health.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Health started_at_ms. */
            started_at_ms: number;

            /** Health ended_at_ms. */
            ended_at_ms: number;

            /** Health ranges. */
            ranges: sedge.v1.HealthRange.$Properties[];

            /**
             * Creates a new Health instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Health instance
             */
            static create(properties: sedge.v1.Health.$Shape): sedge.v1.Health & sedge.v1.Health.$Shape;
            static create(properties?: sedge.v1.Health.$Properties): sedge.v1.Health;

            /**
             * Encodes the specified Health message. Does not implicitly {@link sedge.v1.Health.verify|verify} messages.
             * @param message Health message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Health.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Health message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Health & sedge.v1.Health.$Shape} Health
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Health & sedge.v1.Health.$Shape;
        }

        namespace Health {

            /** Properties of a Health. */
            interface $Properties {

                /** Health started_at_ms */
                started_at_ms?: (number|null);

                /** Health ended_at_ms */
                ended_at_ms?: (number|null);

                /** Health ranges */
                ranges?: (sedge.v1.HealthRange.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Health. */
            type $Shape = sedge.v1.Health.$Properties;
        }

        /**
         * Properties of a HealthRange.
         * @deprecated Use sedge.v1.HealthRange.$Properties instead.
         */
        interface IHealthRange extends sedge.v1.HealthRange.$Properties {
        }

        /** Represents a HealthRange. */
        class HealthRange {

            /**
             * Constructs a new HealthRange.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.HealthRange.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** HealthRange measure. */
            measure: number;

            /** HealthRange min. */
            min: number;

            /** HealthRange mean. */
            mean: number;

            /** HealthRange max. */
            max: number;

            /**
             * Creates a new HealthRange instance using the specified properties.
             * @param [properties] Properties to set
             * @returns HealthRange instance
             */
            static create(properties: sedge.v1.HealthRange.$Shape): sedge.v1.HealthRange & sedge.v1.HealthRange.$Shape;
            static create(properties?: sedge.v1.HealthRange.$Properties): sedge.v1.HealthRange;

            /**
             * Encodes the specified HealthRange message. Does not implicitly {@link sedge.v1.HealthRange.verify|verify} messages.
             * @param message HealthRange message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.HealthRange.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a HealthRange message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.HealthRange & sedge.v1.HealthRange.$Shape} HealthRange
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.HealthRange & sedge.v1.HealthRange.$Shape;
        }

        namespace HealthRange {

            /** Properties of a HealthRange. */
            interface $Properties {

                /** HealthRange measure */
                measure?: (number|null);

                /** HealthRange min */
                min?: (number|null);

                /** HealthRange mean */
                mean?: (number|null);

                /** HealthRange max */
                max?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a HealthRange. */
            type $Shape = sedge.v1.HealthRange.$Properties;
        }

        /**
         * Properties of a LogLine.
         * @deprecated Use sedge.v1.LogLine.$Properties instead.
         */
        interface ILogLine extends sedge.v1.LogLine.$Properties {
        }

        /** Represents a LogLine. */
        class LogLine {

            /**
             * Constructs a new LogLine.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.LogLine.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LogLine level. */
            level: number;

            /** LogLine sentence. */
            sentence: string;

            /** LogLine fields. */
            fields: sedge.v1.LogField.$Properties[];

            /** LogLine left_out. */
            left_out: number;

            /**
             * Creates a new LogLine instance using the specified properties.
             * @param [properties] Properties to set
             * @returns LogLine instance
             */
            static create(properties: sedge.v1.LogLine.$Shape): sedge.v1.LogLine & sedge.v1.LogLine.$Shape;
            static create(properties?: sedge.v1.LogLine.$Properties): sedge.v1.LogLine;

            /**
             * Encodes the specified LogLine message. Does not implicitly {@link sedge.v1.LogLine.verify|verify} messages.
             * @param message LogLine message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.LogLine.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LogLine message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.LogLine & sedge.v1.LogLine.$Shape} LogLine
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.LogLine & sedge.v1.LogLine.$Shape;
        }

        namespace LogLine {

            /** Properties of a LogLine. */
            interface $Properties {

                /** LogLine level */
                level?: (number|null);

                /** LogLine sentence */
                sentence?: (string|null);

                /** LogLine fields */
                fields?: (sedge.v1.LogField.$Properties[]|null);

                /** LogLine left_out */
                left_out?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LogLine. */
            type $Shape = sedge.v1.LogLine.$Properties;
        }

        /**
         * Properties of a LogField.
         * @deprecated Use sedge.v1.LogField.$Properties instead.
         */
        interface ILogField extends sedge.v1.LogField.$Properties {
        }

        /** Represents a LogField. */
        class LogField {

            /**
             * Constructs a new LogField.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.LogField.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LogField name. */
            name: string;

            /** LogField value. */
            value: string;

            /**
             * Creates a new LogField instance using the specified properties.
             * @param [properties] Properties to set
             * @returns LogField instance
             */
            static create(properties: sedge.v1.LogField.$Shape): sedge.v1.LogField & sedge.v1.LogField.$Shape;
            static create(properties?: sedge.v1.LogField.$Properties): sedge.v1.LogField;

            /**
             * Encodes the specified LogField message. Does not implicitly {@link sedge.v1.LogField.verify|verify} messages.
             * @param message LogField message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.LogField.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LogField message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.LogField & sedge.v1.LogField.$Shape} LogField
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.LogField & sedge.v1.LogField.$Shape;
        }

        namespace LogField {

            /** Properties of a LogField. */
            interface $Properties {

                /** LogField name */
                name?: (string|null);

                /** LogField value */
                value?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LogField. */
            type $Shape = sedge.v1.LogField.$Properties;
        }

        /**
         * Properties of an ErrorCount.
         * @deprecated Use sedge.v1.ErrorCount.$Properties instead.
         */
        interface IErrorCount extends sedge.v1.ErrorCount.$Properties {
        }

        /** Represents an ErrorCount. */
        class ErrorCount {

            /**
             * Constructs a new ErrorCount.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.ErrorCount.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ErrorCount class. */
            class: string;

            /** ErrorCount count. */
            count: number;

            /**
             * Creates a new ErrorCount instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ErrorCount instance
             */
            static create(properties: sedge.v1.ErrorCount.$Shape): sedge.v1.ErrorCount & sedge.v1.ErrorCount.$Shape;
            static create(properties?: sedge.v1.ErrorCount.$Properties): sedge.v1.ErrorCount;

            /**
             * Encodes the specified ErrorCount message. Does not implicitly {@link sedge.v1.ErrorCount.verify|verify} messages.
             * @param message ErrorCount message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.ErrorCount.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an ErrorCount message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.ErrorCount & sedge.v1.ErrorCount.$Shape} ErrorCount
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.ErrorCount & sedge.v1.ErrorCount.$Shape;
        }

        namespace ErrorCount {

            /** Properties of an ErrorCount. */
            interface $Properties {

                /** ErrorCount class */
                "class"?: (string|null);

                /** ErrorCount count */
                count?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an ErrorCount. */
            type $Shape = sedge.v1.ErrorCount.$Properties;
        }

        /**
         * Properties of a SparseCounts.
         * @deprecated Use sedge.v1.SparseCounts.$Properties instead.
         */
        interface ISparseCounts extends sedge.v1.SparseCounts.$Properties {
        }

        /** Represents a SparseCounts. */
        class SparseCounts {

            /**
             * Constructs a new SparseCounts.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.SparseCounts.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SparseCounts first. */
            first: number;

            /** SparseCounts counts. */
            counts: number[];

            /** SparseCounts bins. */
            bins: number;

            /**
             * Creates a new SparseCounts instance using the specified properties.
             * @param [properties] Properties to set
             * @returns SparseCounts instance
             */
            static create(properties: sedge.v1.SparseCounts.$Shape): sedge.v1.SparseCounts & sedge.v1.SparseCounts.$Shape;
            static create(properties?: sedge.v1.SparseCounts.$Properties): sedge.v1.SparseCounts;

            /**
             * Encodes the specified SparseCounts message. Does not implicitly {@link sedge.v1.SparseCounts.verify|verify} messages.
             * @param message SparseCounts message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.SparseCounts.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SparseCounts message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.SparseCounts & sedge.v1.SparseCounts.$Shape} SparseCounts
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.SparseCounts & sedge.v1.SparseCounts.$Shape;
        }

        namespace SparseCounts {

            /** Properties of a SparseCounts. */
            interface $Properties {

                /** SparseCounts first */
                first?: (number|null);

                /** SparseCounts counts */
                counts?: (number[]|null);

                /** SparseCounts bins */
                bins?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SparseCounts. */
            type $Shape = sedge.v1.SparseCounts.$Properties;
        }

        /**
         * Properties of a StreamCounts.
         * @deprecated Use sedge.v1.StreamCounts.$Properties instead.
         */
        interface IStreamCounts extends sedge.v1.StreamCounts.$Properties {
        }

        /** Represents a StreamCounts. */
        class StreamCounts {

            /**
             * Constructs a new StreamCounts.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.StreamCounts.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StreamCounts stream. */
            stream: number;

            /** StreamCounts counts. */
            counts?: (sedge.v1.SparseCounts.$Properties|null);

            /** StreamCounts missing. */
            missing: number;

            /** StreamCounts far_outside. */
            far_outside: number;

            /** StreamCounts stuck. */
            stuck: number;

            /** StreamCounts not_finite. */
            not_finite: number;

            /**
             * Creates a new StreamCounts instance using the specified properties.
             * @param [properties] Properties to set
             * @returns StreamCounts instance
             */
            static create(properties: sedge.v1.StreamCounts.$Shape): sedge.v1.StreamCounts & sedge.v1.StreamCounts.$Shape;
            static create(properties?: sedge.v1.StreamCounts.$Properties): sedge.v1.StreamCounts;

            /**
             * Encodes the specified StreamCounts message. Does not implicitly {@link sedge.v1.StreamCounts.verify|verify} messages.
             * @param message StreamCounts message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.StreamCounts.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StreamCounts message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.StreamCounts & sedge.v1.StreamCounts.$Shape} StreamCounts
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.StreamCounts & sedge.v1.StreamCounts.$Shape;
        }

        namespace StreamCounts {

            /** Properties of a StreamCounts. */
            interface $Properties {

                /** StreamCounts stream */
                stream?: (number|null);

                /** StreamCounts counts */
                counts?: (sedge.v1.SparseCounts.$Properties|null);

                /** StreamCounts missing */
                missing?: (number|null);

                /** StreamCounts far_outside */
                far_outside?: (number|null);

                /** StreamCounts stuck */
                stuck?: (number|null);

                /** StreamCounts not_finite */
                not_finite?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StreamCounts. */
            type $Shape = sedge.v1.StreamCounts.$Properties;
        }

        /**
         * Properties of a LifecycleEvent.
         * @deprecated Use sedge.v1.LifecycleEvent.$Properties instead.
         */
        interface ILifecycleEvent extends sedge.v1.LifecycleEvent.$Properties {
        }

        /** Represents a LifecycleEvent. */
        class LifecycleEvent {

            /**
             * Constructs a new LifecycleEvent.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.LifecycleEvent.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LifecycleEvent name. */
            name: string;

            /** LifecycleEvent model. */
            model: string;

            /** LifecycleEvent version. */
            version: string;

            /** LifecycleEvent package. */
            package: Uint8Array;

            /** LifecycleEvent reason. */
            reason: string;

            /**
             * Creates a new LifecycleEvent instance using the specified properties.
             * @param [properties] Properties to set
             * @returns LifecycleEvent instance
             */
            static create(properties: sedge.v1.LifecycleEvent.$Shape): sedge.v1.LifecycleEvent & sedge.v1.LifecycleEvent.$Shape;
            static create(properties?: sedge.v1.LifecycleEvent.$Properties): sedge.v1.LifecycleEvent;

            /**
             * Encodes the specified LifecycleEvent message. Does not implicitly {@link sedge.v1.LifecycleEvent.verify|verify} messages.
             * @param message LifecycleEvent message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.LifecycleEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LifecycleEvent message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.LifecycleEvent & sedge.v1.LifecycleEvent.$Shape} LifecycleEvent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.LifecycleEvent & sedge.v1.LifecycleEvent.$Shape;
        }

        namespace LifecycleEvent {

            /** Properties of a LifecycleEvent. */
            interface $Properties {

                /** LifecycleEvent name */
                name?: (string|null);

                /** LifecycleEvent model */
                model?: (string|null);

                /** LifecycleEvent version */
                version?: (string|null);

                /** LifecycleEvent package */
                "package"?: (Uint8Array|null);

                /** LifecycleEvent reason */
                reason?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LifecycleEvent. */
            type $Shape = sedge.v1.LifecycleEvent.$Properties;
        }

        /**
         * Properties of a Tombstone.
         * @deprecated Use sedge.v1.Tombstone.$Properties instead.
         */
        interface ITombstone extends sedge.v1.Tombstone.$Properties {
        }

        /** Represents a Tombstone. */
        class Tombstone {

            /**
             * Constructs a new Tombstone.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Tombstone.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Tombstone from. */
            from: number;

            /** Tombstone count. */
            count: number;

            /** Tombstone bytes. */
            bytes: number;

            /** Tombstone reason. */
            reason: string;

            /**
             * Creates a new Tombstone instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Tombstone instance
             */
            static create(properties: sedge.v1.Tombstone.$Shape): sedge.v1.Tombstone & sedge.v1.Tombstone.$Shape;
            static create(properties?: sedge.v1.Tombstone.$Properties): sedge.v1.Tombstone;

            /**
             * Encodes the specified Tombstone message. Does not implicitly {@link sedge.v1.Tombstone.verify|verify} messages.
             * @param message Tombstone message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Tombstone.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Tombstone message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Tombstone & sedge.v1.Tombstone.$Shape} Tombstone
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Tombstone & sedge.v1.Tombstone.$Shape;
        }

        namespace Tombstone {

            /** Properties of a Tombstone. */
            interface $Properties {

                /** Tombstone from */
                from?: (number|null);

                /** Tombstone count */
                count?: (number|null);

                /** Tombstone bytes */
                bytes?: (number|null);

                /** Tombstone reason */
                reason?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Tombstone. */
            type $Shape = sedge.v1.Tombstone.$Properties;
        }

        /**
         * Properties of an Ack.
         * @deprecated Use sedge.v1.Ack.$Properties instead.
         */
        interface IAck extends sedge.v1.Ack.$Properties {
        }

        /** Represents an Ack. */
        class Ack {

            /**
             * Constructs a new Ack.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Ack.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Ack lane. */
            lane: number;

            /** Ack epoch. */
            epoch: string;

            /** Ack through. */
            through: number;

            /** Ack rewind. */
            rewind: boolean;

            /** Ack min_interval_ms. */
            min_interval_ms: number;

            /** Ack conflict. */
            conflict: boolean;

            /**
             * Creates a new Ack instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Ack instance
             */
            static create(properties: sedge.v1.Ack.$Shape): sedge.v1.Ack & sedge.v1.Ack.$Shape;
            static create(properties?: sedge.v1.Ack.$Properties): sedge.v1.Ack;

            /**
             * Encodes the specified Ack message. Does not implicitly {@link sedge.v1.Ack.verify|verify} messages.
             * @param message Ack message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Ack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Ack message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Ack & sedge.v1.Ack.$Shape} Ack
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Ack & sedge.v1.Ack.$Shape;
        }

        namespace Ack {

            /** Properties of an Ack. */
            interface $Properties {

                /** Ack lane */
                lane?: (number|null);

                /** Ack epoch */
                epoch?: (string|null);

                /** Ack through */
                through?: (number|null);

                /** Ack rewind */
                rewind?: (boolean|null);

                /** Ack min_interval_ms */
                min_interval_ms?: (number|null);

                /** Ack conflict */
                conflict?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Ack. */
            type $Shape = sedge.v1.Ack.$Properties;
        }

        /**
         * Properties of a BlockRequest.
         * @deprecated Use sedge.v1.BlockRequest.$Properties instead.
         */
        interface IBlockRequest extends sedge.v1.BlockRequest.$Properties {
        }

        /** Represents a BlockRequest. */
        class BlockRequest {

            /**
             * Constructs a new BlockRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.BlockRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BlockRequest digest. */
            digest: Uint8Array;

            /** BlockRequest offset. */
            offset: number;

            /** BlockRequest length. */
            length: number;

            /**
             * Creates a new BlockRequest instance using the specified properties.
             * @param [properties] Properties to set
             * @returns BlockRequest instance
             */
            static create(properties: sedge.v1.BlockRequest.$Shape): sedge.v1.BlockRequest & sedge.v1.BlockRequest.$Shape;
            static create(properties?: sedge.v1.BlockRequest.$Properties): sedge.v1.BlockRequest;

            /**
             * Encodes the specified BlockRequest message. Does not implicitly {@link sedge.v1.BlockRequest.verify|verify} messages.
             * @param message BlockRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.BlockRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BlockRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.BlockRequest & sedge.v1.BlockRequest.$Shape} BlockRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.BlockRequest & sedge.v1.BlockRequest.$Shape;
        }

        namespace BlockRequest {

            /** Properties of a BlockRequest. */
            interface $Properties {

                /** BlockRequest digest */
                digest?: (Uint8Array|null);

                /** BlockRequest offset */
                offset?: (number|null);

                /** BlockRequest length */
                length?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BlockRequest. */
            type $Shape = sedge.v1.BlockRequest.$Properties;
        }

        /**
         * Properties of a BlockData.
         * @deprecated Use sedge.v1.BlockData.$Properties instead.
         */
        interface IBlockData extends sedge.v1.BlockData.$Properties {
        }

        /** Represents a BlockData. */
        class BlockData {

            /**
             * Constructs a new BlockData.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.BlockData.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BlockData digest. */
            digest: Uint8Array;

            /** BlockData offset. */
            offset: number;

            /** BlockData size. */
            size: number;

            /** BlockData data. */
            data: Uint8Array;

            /** BlockData error. */
            error: string;

            /**
             * Creates a new BlockData instance using the specified properties.
             * @param [properties] Properties to set
             * @returns BlockData instance
             */
            static create(properties: sedge.v1.BlockData.$Shape): sedge.v1.BlockData & sedge.v1.BlockData.$Shape;
            static create(properties?: sedge.v1.BlockData.$Properties): sedge.v1.BlockData;

            /**
             * Encodes the specified BlockData message. Does not implicitly {@link sedge.v1.BlockData.verify|verify} messages.
             * @param message BlockData message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.BlockData.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BlockData message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.BlockData & sedge.v1.BlockData.$Shape} BlockData
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.BlockData & sedge.v1.BlockData.$Shape;
        }

        namespace BlockData {

            /** Properties of a BlockData. */
            interface $Properties {

                /** BlockData digest */
                digest?: (Uint8Array|null);

                /** BlockData offset */
                offset?: (number|null);

                /** BlockData size */
                size?: (number|null);

                /** BlockData data */
                data?: (Uint8Array|null);

                /** BlockData error */
                error?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BlockData. */
            type $Shape = sedge.v1.BlockData.$Properties;
        }

        /**
         * Properties of a DeltaRequest.
         * @deprecated Use sedge.v1.DeltaRequest.$Properties instead.
         */
        interface IDeltaRequest extends sedge.v1.DeltaRequest.$Properties {
        }

        /** Represents a DeltaRequest. */
        class DeltaRequest {

            /**
             * Constructs a new DeltaRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.DeltaRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DeltaRequest base. */
            base: Uint8Array;

            /** DeltaRequest target. */
            target: Uint8Array;

            /**
             * Creates a new DeltaRequest instance using the specified properties.
             * @param [properties] Properties to set
             * @returns DeltaRequest instance
             */
            static create(properties: sedge.v1.DeltaRequest.$Shape): sedge.v1.DeltaRequest & sedge.v1.DeltaRequest.$Shape;
            static create(properties?: sedge.v1.DeltaRequest.$Properties): sedge.v1.DeltaRequest;

            /**
             * Encodes the specified DeltaRequest message. Does not implicitly {@link sedge.v1.DeltaRequest.verify|verify} messages.
             * @param message DeltaRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.DeltaRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeltaRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.DeltaRequest & sedge.v1.DeltaRequest.$Shape} DeltaRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.DeltaRequest & sedge.v1.DeltaRequest.$Shape;
        }

        namespace DeltaRequest {

            /** Properties of a DeltaRequest. */
            interface $Properties {

                /** DeltaRequest base */
                base?: (Uint8Array|null);

                /** DeltaRequest target */
                target?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DeltaRequest. */
            type $Shape = sedge.v1.DeltaRequest.$Properties;
        }

        /**
         * Properties of a DeltaOffer.
         * @deprecated Use sedge.v1.DeltaOffer.$Properties instead.
         */
        interface IDeltaOffer extends sedge.v1.DeltaOffer.$Properties {
        }

        /** Represents a DeltaOffer. */
        class DeltaOffer {

            /**
             * Constructs a new DeltaOffer.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.DeltaOffer.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DeltaOffer base. */
            base: Uint8Array;

            /** DeltaOffer target. */
            target: Uint8Array;

            /** DeltaOffer state. */
            state: number;

            /** DeltaOffer digest. */
            digest: Uint8Array;

            /** DeltaOffer size. */
            size: number;

            /** DeltaOffer retry_after_ms. */
            retry_after_ms: number;

            /**
             * Creates a new DeltaOffer instance using the specified properties.
             * @param [properties] Properties to set
             * @returns DeltaOffer instance
             */
            static create(properties: sedge.v1.DeltaOffer.$Shape): sedge.v1.DeltaOffer & sedge.v1.DeltaOffer.$Shape;
            static create(properties?: sedge.v1.DeltaOffer.$Properties): sedge.v1.DeltaOffer;

            /**
             * Encodes the specified DeltaOffer message. Does not implicitly {@link sedge.v1.DeltaOffer.verify|verify} messages.
             * @param message DeltaOffer message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.DeltaOffer.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeltaOffer message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.DeltaOffer & sedge.v1.DeltaOffer.$Shape} DeltaOffer
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.DeltaOffer & sedge.v1.DeltaOffer.$Shape;
        }

        namespace DeltaOffer {

            /** Properties of a DeltaOffer. */
            interface $Properties {

                /** DeltaOffer base */
                base?: (Uint8Array|null);

                /** DeltaOffer target */
                target?: (Uint8Array|null);

                /** DeltaOffer state */
                state?: (number|null);

                /** DeltaOffer digest */
                digest?: (Uint8Array|null);

                /** DeltaOffer size */
                size?: (number|null);

                /** DeltaOffer retry_after_ms */
                retry_after_ms?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DeltaOffer. */
            type $Shape = sedge.v1.DeltaOffer.$Properties;
        }

        /**
         * Properties of a SignedStatement.
         * @deprecated Use sedge.v1.SignedStatement.$Properties instead.
         */
        interface ISignedStatement extends sedge.v1.SignedStatement.$Properties {
        }

        /** Represents a SignedStatement. */
        class SignedStatement {

            /**
             * Constructs a new SignedStatement.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.SignedStatement.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SignedStatement payload_type. */
            payload_type: string;

            /** SignedStatement payload. */
            payload: Uint8Array;

            /** SignedStatement signatures. */
            signatures: sedge.v1.Signature.$Properties[];

            /**
             * Creates a new SignedStatement instance using the specified properties.
             * @param [properties] Properties to set
             * @returns SignedStatement instance
             */
            static create(properties: sedge.v1.SignedStatement.$Shape): sedge.v1.SignedStatement & sedge.v1.SignedStatement.$Shape;
            static create(properties?: sedge.v1.SignedStatement.$Properties): sedge.v1.SignedStatement;

            /**
             * Encodes the specified SignedStatement message. Does not implicitly {@link sedge.v1.SignedStatement.verify|verify} messages.
             * @param message SignedStatement message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.SignedStatement.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SignedStatement message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.SignedStatement & sedge.v1.SignedStatement.$Shape} SignedStatement
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.SignedStatement & sedge.v1.SignedStatement.$Shape;
        }

        namespace SignedStatement {

            /** Properties of a SignedStatement. */
            interface $Properties {

                /** SignedStatement payload_type */
                payload_type?: (string|null);

                /** SignedStatement payload */
                payload?: (Uint8Array|null);

                /** SignedStatement signatures */
                signatures?: (sedge.v1.Signature.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SignedStatement. */
            type $Shape = sedge.v1.SignedStatement.$Properties;
        }

        /**
         * Properties of a Signature.
         * @deprecated Use sedge.v1.Signature.$Properties instead.
         */
        interface ISignature extends sedge.v1.Signature.$Properties {
        }

        /** Represents a Signature. */
        class Signature {

            /**
             * Constructs a new Signature.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Signature.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Signature key_id. */
            key_id: string;

            /** Signature signature. */
            signature: Uint8Array;

            /**
             * Creates a new Signature instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Signature instance
             */
            static create(properties: sedge.v1.Signature.$Shape): sedge.v1.Signature & sedge.v1.Signature.$Shape;
            static create(properties?: sedge.v1.Signature.$Properties): sedge.v1.Signature;

            /**
             * Encodes the specified Signature message. Does not implicitly {@link sedge.v1.Signature.verify|verify} messages.
             * @param message Signature message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Signature.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Signature message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Signature & sedge.v1.Signature.$Shape} Signature
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Signature & sedge.v1.Signature.$Shape;
        }

        namespace Signature {

            /** Properties of a Signature. */
            interface $Properties {

                /** Signature key_id */
                key_id?: (string|null);

                /** Signature signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Signature. */
            type $Shape = sedge.v1.Signature.$Properties;
        }

        /**
         * Properties of an Assignment.
         * @deprecated Use sedge.v1.Assignment.$Properties instead.
         */
        interface IAssignment extends sedge.v1.Assignment.$Properties {
        }

        /** Represents an Assignment. */
        class Assignment {

            /**
             * Constructs a new Assignment.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Assignment.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Assignment device. */
            device: string;

            /** Assignment epoch. */
            epoch: number;

            /** Assignment generation. */
            generation: number;

            /** Assignment issued_at_ms. */
            issued_at_ms: number;

            /** Assignment models. */
            models: sedge.v1.ModelAssignment.$Properties[];

            /** Assignment telemetry. */
            telemetry?: (sedge.v1.TelemetrySettings.$Properties|null);

            /** Assignment sampling. */
            sampling?: (sedge.v1.Sampling.$Properties|null);

            /** Assignment settings. */
            settings: sedge.v1.DeviceSettings.$Properties[];

            /** Assignment keeps_models. */
            keeps_models: boolean;

            /**
             * Creates a new Assignment instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Assignment instance
             */
            static create(properties: sedge.v1.Assignment.$Shape): sedge.v1.Assignment & sedge.v1.Assignment.$Shape;
            static create(properties?: sedge.v1.Assignment.$Properties): sedge.v1.Assignment;

            /**
             * Encodes the specified Assignment message. Does not implicitly {@link sedge.v1.Assignment.verify|verify} messages.
             * @param message Assignment message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Assignment.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Assignment message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Assignment & sedge.v1.Assignment.$Shape} Assignment
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Assignment & sedge.v1.Assignment.$Shape;
        }

        namespace Assignment {

            /** Properties of an Assignment. */
            interface $Properties {

                /** Assignment device */
                device?: (string|null);

                /** Assignment epoch */
                epoch?: (number|null);

                /** Assignment generation */
                generation?: (number|null);

                /** Assignment issued_at_ms */
                issued_at_ms?: (number|null);

                /** Assignment models */
                models?: (sedge.v1.ModelAssignment.$Properties[]|null);

                /** Assignment telemetry */
                telemetry?: (sedge.v1.TelemetrySettings.$Properties|null);

                /** Assignment sampling */
                sampling?: (sedge.v1.Sampling.$Properties|null);

                /** Assignment settings */
                settings?: (sedge.v1.DeviceSettings.$Properties[]|null);

                /** Assignment keeps_models */
                keeps_models?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Assignment. */
            type $Shape = sedge.v1.Assignment.$Properties;
        }

        /**
         * Properties of a DeviceSettings.
         * @deprecated Use sedge.v1.DeviceSettings.$Properties instead.
         */
        interface IDeviceSettings extends sedge.v1.DeviceSettings.$Properties {
        }

        /** Represents a DeviceSettings. */
        class DeviceSettings {

            /**
             * Constructs a new DeviceSettings.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.DeviceSettings.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DeviceSettings name. */
            name: string;

            /** DeviceSettings version. */
            version: number;

            /** DeviceSettings values. */
            values: sedge.v1.Setting.$Properties[];

            /**
             * Creates a new DeviceSettings instance using the specified properties.
             * @param [properties] Properties to set
             * @returns DeviceSettings instance
             */
            static create(properties: sedge.v1.DeviceSettings.$Shape): sedge.v1.DeviceSettings & sedge.v1.DeviceSettings.$Shape;
            static create(properties?: sedge.v1.DeviceSettings.$Properties): sedge.v1.DeviceSettings;

            /**
             * Encodes the specified DeviceSettings message. Does not implicitly {@link sedge.v1.DeviceSettings.verify|verify} messages.
             * @param message DeviceSettings message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.DeviceSettings.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeviceSettings message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.DeviceSettings & sedge.v1.DeviceSettings.$Shape} DeviceSettings
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.DeviceSettings & sedge.v1.DeviceSettings.$Shape;
        }

        namespace DeviceSettings {

            /** Properties of a DeviceSettings. */
            interface $Properties {

                /** DeviceSettings name */
                name?: (string|null);

                /** DeviceSettings version */
                version?: (number|null);

                /** DeviceSettings values */
                values?: (sedge.v1.Setting.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DeviceSettings. */
            type $Shape = sedge.v1.DeviceSettings.$Properties;
        }

        /**
         * Properties of a Setting.
         * @deprecated Use sedge.v1.Setting.$Properties instead.
         */
        interface ISetting extends sedge.v1.Setting.$Properties {
        }

        /** Represents a Setting. */
        class Setting {

            /**
             * Constructs a new Setting.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Setting.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Setting key. */
            key: string;

            /** Setting value. */
            value: string;

            /**
             * Creates a new Setting instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Setting instance
             */
            static create(properties: sedge.v1.Setting.$Shape): sedge.v1.Setting & sedge.v1.Setting.$Shape;
            static create(properties?: sedge.v1.Setting.$Properties): sedge.v1.Setting;

            /**
             * Encodes the specified Setting message. Does not implicitly {@link sedge.v1.Setting.verify|verify} messages.
             * @param message Setting message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Setting.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Setting message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Setting & sedge.v1.Setting.$Shape} Setting
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Setting & sedge.v1.Setting.$Shape;
        }

        namespace Setting {

            /** Properties of a Setting. */
            interface $Properties {

                /** Setting key */
                key?: (string|null);

                /** Setting value */
                value?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Setting. */
            type $Shape = sedge.v1.Setting.$Properties;
        }

        /**
         * Properties of a ModelAssignment.
         * @deprecated Use sedge.v1.ModelAssignment.$Properties instead.
         */
        interface IModelAssignment extends sedge.v1.ModelAssignment.$Properties {
        }

        /** Represents a ModelAssignment. */
        class ModelAssignment {

            /**
             * Constructs a new ModelAssignment.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.ModelAssignment.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ModelAssignment model. */
            model: string;

            /** ModelAssignment version. */
            version: string;

            /** ModelAssignment package. */
            package: Uint8Array;

            /** ModelAssignment package_size. */
            package_size: number;

            /** ModelAssignment rollout. */
            rollout: string;

            /** ModelAssignment soak. */
            soak?: (sedge.v1.SoakPolicy.$Properties|null);

            /** ModelAssignment variant_order. */
            variant_order: string[];

            /** ModelAssignment spread_ms. */
            spread_ms: number;

            /** ModelAssignment shadow. */
            shadow?: (sedge.v1.ShadowPolicy.$Properties|null);

            /**
             * Creates a new ModelAssignment instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ModelAssignment instance
             */
            static create(properties: sedge.v1.ModelAssignment.$Shape): sedge.v1.ModelAssignment & sedge.v1.ModelAssignment.$Shape;
            static create(properties?: sedge.v1.ModelAssignment.$Properties): sedge.v1.ModelAssignment;

            /**
             * Encodes the specified ModelAssignment message. Does not implicitly {@link sedge.v1.ModelAssignment.verify|verify} messages.
             * @param message ModelAssignment message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.ModelAssignment.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModelAssignment message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.ModelAssignment & sedge.v1.ModelAssignment.$Shape} ModelAssignment
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.ModelAssignment & sedge.v1.ModelAssignment.$Shape;
        }

        namespace ModelAssignment {

            /** Properties of a ModelAssignment. */
            interface $Properties {

                /** ModelAssignment model */
                model?: (string|null);

                /** ModelAssignment version */
                version?: (string|null);

                /** ModelAssignment package */
                "package"?: (Uint8Array|null);

                /** ModelAssignment package_size */
                package_size?: (number|null);

                /** ModelAssignment rollout */
                rollout?: (string|null);

                /** ModelAssignment soak */
                soak?: (sedge.v1.SoakPolicy.$Properties|null);

                /** ModelAssignment variant_order */
                variant_order?: (string[]|null);

                /** ModelAssignment spread_ms */
                spread_ms?: (number|null);

                /** ModelAssignment shadow */
                shadow?: (sedge.v1.ShadowPolicy.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModelAssignment. */
            type $Shape = sedge.v1.ModelAssignment.$Properties;
        }

        /**
         * Properties of a ShadowPolicy.
         * @deprecated Use sedge.v1.ShadowPolicy.$Properties instead.
         */
        interface IShadowPolicy extends sedge.v1.ShadowPolicy.$Properties {
        }

        /** Represents a ShadowPolicy. */
        class ShadowPolicy {

            /**
             * Constructs a new ShadowPolicy.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.ShadowPolicy.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ShadowPolicy share. */
            share: number;

            /**
             * Creates a new ShadowPolicy instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ShadowPolicy instance
             */
            static create(properties: sedge.v1.ShadowPolicy.$Shape): sedge.v1.ShadowPolicy & sedge.v1.ShadowPolicy.$Shape;
            static create(properties?: sedge.v1.ShadowPolicy.$Properties): sedge.v1.ShadowPolicy;

            /**
             * Encodes the specified ShadowPolicy message. Does not implicitly {@link sedge.v1.ShadowPolicy.verify|verify} messages.
             * @param message ShadowPolicy message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.ShadowPolicy.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ShadowPolicy message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.ShadowPolicy & sedge.v1.ShadowPolicy.$Shape} ShadowPolicy
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.ShadowPolicy & sedge.v1.ShadowPolicy.$Shape;
        }

        namespace ShadowPolicy {

            /** Properties of a ShadowPolicy. */
            interface $Properties {

                /** ShadowPolicy share */
                share?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ShadowPolicy. */
            type $Shape = sedge.v1.ShadowPolicy.$Properties;
        }

        /**
         * Properties of a SoakPolicy.
         * @deprecated Use sedge.v1.SoakPolicy.$Properties instead.
         */
        interface ISoakPolicy extends sedge.v1.SoakPolicy.$Properties {
        }

        /** Represents a SoakPolicy. */
        class SoakPolicy {

            /**
             * Constructs a new SoakPolicy.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.SoakPolicy.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SoakPolicy duration_ms. */
            duration_ms: number;

            /** SoakPolicy min_inferences. */
            min_inferences: number;

            /** SoakPolicy deadline_ms. */
            deadline_ms: number;

            /** SoakPolicy max_error_share. */
            max_error_share: number;

            /**
             * Creates a new SoakPolicy instance using the specified properties.
             * @param [properties] Properties to set
             * @returns SoakPolicy instance
             */
            static create(properties: sedge.v1.SoakPolicy.$Shape): sedge.v1.SoakPolicy & sedge.v1.SoakPolicy.$Shape;
            static create(properties?: sedge.v1.SoakPolicy.$Properties): sedge.v1.SoakPolicy;

            /**
             * Encodes the specified SoakPolicy message. Does not implicitly {@link sedge.v1.SoakPolicy.verify|verify} messages.
             * @param message SoakPolicy message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.SoakPolicy.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SoakPolicy message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.SoakPolicy & sedge.v1.SoakPolicy.$Shape} SoakPolicy
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.SoakPolicy & sedge.v1.SoakPolicy.$Shape;
        }

        namespace SoakPolicy {

            /** Properties of a SoakPolicy. */
            interface $Properties {

                /** SoakPolicy duration_ms */
                duration_ms?: (number|null);

                /** SoakPolicy min_inferences */
                min_inferences?: (number|null);

                /** SoakPolicy deadline_ms */
                deadline_ms?: (number|null);

                /** SoakPolicy max_error_share */
                max_error_share?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SoakPolicy. */
            type $Shape = sedge.v1.SoakPolicy.$Properties;
        }

        /**
         * Properties of a TelemetrySettings.
         * @deprecated Use sedge.v1.TelemetrySettings.$Properties instead.
         */
        interface ITelemetrySettings extends sedge.v1.TelemetrySettings.$Properties {
        }

        /** Represents a TelemetrySettings. */
        class TelemetrySettings {

            /**
             * Constructs a new TelemetrySettings.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.TelemetrySettings.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TelemetrySettings window_ms. */
            window_ms: number;

            /**
             * Creates a new TelemetrySettings instance using the specified properties.
             * @param [properties] Properties to set
             * @returns TelemetrySettings instance
             */
            static create(properties: sedge.v1.TelemetrySettings.$Shape): sedge.v1.TelemetrySettings & sedge.v1.TelemetrySettings.$Shape;
            static create(properties?: sedge.v1.TelemetrySettings.$Properties): sedge.v1.TelemetrySettings;

            /**
             * Encodes the specified TelemetrySettings message. Does not implicitly {@link sedge.v1.TelemetrySettings.verify|verify} messages.
             * @param message TelemetrySettings message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.TelemetrySettings.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TelemetrySettings message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.TelemetrySettings & sedge.v1.TelemetrySettings.$Shape} TelemetrySettings
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.TelemetrySettings & sedge.v1.TelemetrySettings.$Shape;
        }

        namespace TelemetrySettings {

            /** Properties of a TelemetrySettings. */
            interface $Properties {

                /** TelemetrySettings window_ms */
                window_ms?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TelemetrySettings. */
            type $Shape = sedge.v1.TelemetrySettings.$Properties;
        }

        /**
         * Properties of a Sampling.
         * @deprecated Use sedge.v1.Sampling.$Properties instead.
         */
        interface ISampling extends sedge.v1.Sampling.$Properties {
        }

        /** Represents a Sampling. */
        class Sampling {

            /**
             * Constructs a new Sampling.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Sampling.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Sampling key. */
            key: Uint8Array;

            /** Sampling models. */
            models: sedge.v1.ModelSampling.$Properties[];

            /** Sampling requests. */
            requests: sedge.v1.SampleRequest.$Properties[];

            /**
             * Creates a new Sampling instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Sampling instance
             */
            static create(properties: sedge.v1.Sampling.$Shape): sedge.v1.Sampling & sedge.v1.Sampling.$Shape;
            static create(properties?: sedge.v1.Sampling.$Properties): sedge.v1.Sampling;

            /**
             * Encodes the specified Sampling message. Does not implicitly {@link sedge.v1.Sampling.verify|verify} messages.
             * @param message Sampling message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Sampling.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Sampling message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Sampling & sedge.v1.Sampling.$Shape} Sampling
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Sampling & sedge.v1.Sampling.$Shape;
        }

        namespace Sampling {

            /** Properties of a Sampling. */
            interface $Properties {

                /** Sampling key */
                key?: (Uint8Array|null);

                /** Sampling models */
                models?: (sedge.v1.ModelSampling.$Properties[]|null);

                /** Sampling requests */
                requests?: (sedge.v1.SampleRequest.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Sampling. */
            type $Shape = sedge.v1.Sampling.$Properties;
        }

        /**
         * Properties of a SampleRequest.
         * @deprecated Use sedge.v1.SampleRequest.$Properties instead.
         */
        interface ISampleRequest extends sedge.v1.SampleRequest.$Properties {
        }

        /** Represents a SampleRequest. */
        class SampleRequest {

            /**
             * Constructs a new SampleRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.SampleRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SampleRequest id. */
            id: string;

            /** SampleRequest model. */
            model: string;

            /** SampleRequest count. */
            count: number;

            /** SampleRequest until_ms. */
            until_ms: number;

            /** SampleRequest where. */
            where: string;

            /** SampleRequest where_until_ms. */
            where_until_ms: number;

            /**
             * Creates a new SampleRequest instance using the specified properties.
             * @param [properties] Properties to set
             * @returns SampleRequest instance
             */
            static create(properties: sedge.v1.SampleRequest.$Shape): sedge.v1.SampleRequest & sedge.v1.SampleRequest.$Shape;
            static create(properties?: sedge.v1.SampleRequest.$Properties): sedge.v1.SampleRequest;

            /**
             * Encodes the specified SampleRequest message. Does not implicitly {@link sedge.v1.SampleRequest.verify|verify} messages.
             * @param message SampleRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.SampleRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SampleRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.SampleRequest & sedge.v1.SampleRequest.$Shape} SampleRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.SampleRequest & sedge.v1.SampleRequest.$Shape;
        }

        namespace SampleRequest {

            /** Properties of a SampleRequest. */
            interface $Properties {

                /** SampleRequest id */
                id?: (string|null);

                /** SampleRequest model */
                model?: (string|null);

                /** SampleRequest count */
                count?: (number|null);

                /** SampleRequest until_ms */
                until_ms?: (number|null);

                /** SampleRequest where */
                where?: (string|null);

                /** SampleRequest where_until_ms */
                where_until_ms?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SampleRequest. */
            type $Shape = sedge.v1.SampleRequest.$Properties;
        }

        /**
         * Properties of a ModelSampling.
         * @deprecated Use sedge.v1.ModelSampling.$Properties instead.
         */
        interface IModelSampling extends sedge.v1.ModelSampling.$Properties {
        }

        /** Represents a ModelSampling. */
        class ModelSampling {

            /**
             * Constructs a new ModelSampling.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.ModelSampling.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ModelSampling model. */
            model: string;

            /** ModelSampling samples_per_day. */
            samples_per_day: number;

            /** ModelSampling bytes_per_day. */
            bytes_per_day: number;

            /** ModelSampling reasons. */
            reasons: number[];

            /** ModelSampling rules. */
            rules: sedge.v1.PrivacyRule.$Properties[];

            /** ModelSampling salt. */
            salt: string;

            /**
             * Creates a new ModelSampling instance using the specified properties.
             * @param [properties] Properties to set
             * @returns ModelSampling instance
             */
            static create(properties: sedge.v1.ModelSampling.$Shape): sedge.v1.ModelSampling & sedge.v1.ModelSampling.$Shape;
            static create(properties?: sedge.v1.ModelSampling.$Properties): sedge.v1.ModelSampling;

            /**
             * Encodes the specified ModelSampling message. Does not implicitly {@link sedge.v1.ModelSampling.verify|verify} messages.
             * @param message ModelSampling message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.ModelSampling.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModelSampling message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.ModelSampling & sedge.v1.ModelSampling.$Shape} ModelSampling
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.ModelSampling & sedge.v1.ModelSampling.$Shape;
        }

        namespace ModelSampling {

            /** Properties of a ModelSampling. */
            interface $Properties {

                /** ModelSampling model */
                model?: (string|null);

                /** ModelSampling samples_per_day */
                samples_per_day?: (number|null);

                /** ModelSampling bytes_per_day */
                bytes_per_day?: (number|null);

                /** ModelSampling reasons */
                reasons?: (number[]|null);

                /** ModelSampling rules */
                rules?: (sedge.v1.PrivacyRule.$Properties[]|null);

                /** ModelSampling salt */
                salt?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModelSampling. */
            type $Shape = sedge.v1.ModelSampling.$Properties;
        }

        /**
         * Properties of a PrivacyRule.
         * @deprecated Use sedge.v1.PrivacyRule.$Properties instead.
         */
        interface IPrivacyRule extends sedge.v1.PrivacyRule.$Properties {
        }

        /** Represents a PrivacyRule. */
        class PrivacyRule {

            /**
             * Constructs a new PrivacyRule.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.PrivacyRule.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PrivacyRule tensor. */
            tensor: string;

            /** PrivacyRule column. */
            column: number;

            /** PrivacyRule kind. */
            kind: number;

            /** PrivacyRule step. */
            step: number;

            /** PrivacyRule edges. */
            edges: number[];

            /** PrivacyRule radius. */
            radius: number;

            /**
             * Creates a new PrivacyRule instance using the specified properties.
             * @param [properties] Properties to set
             * @returns PrivacyRule instance
             */
            static create(properties: sedge.v1.PrivacyRule.$Shape): sedge.v1.PrivacyRule & sedge.v1.PrivacyRule.$Shape;
            static create(properties?: sedge.v1.PrivacyRule.$Properties): sedge.v1.PrivacyRule;

            /**
             * Encodes the specified PrivacyRule message. Does not implicitly {@link sedge.v1.PrivacyRule.verify|verify} messages.
             * @param message PrivacyRule message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.PrivacyRule.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PrivacyRule message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.PrivacyRule & sedge.v1.PrivacyRule.$Shape} PrivacyRule
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.PrivacyRule & sedge.v1.PrivacyRule.$Shape;
        }

        namespace PrivacyRule {

            /** Properties of a PrivacyRule. */
            interface $Properties {

                /** PrivacyRule tensor */
                tensor?: (string|null);

                /** PrivacyRule column */
                column?: (number|null);

                /** PrivacyRule kind */
                kind?: (number|null);

                /** PrivacyRule step */
                step?: (number|null);

                /** PrivacyRule edges */
                edges?: (number[]|null);

                /** PrivacyRule radius */
                radius?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PrivacyRule. */
            type $Shape = sedge.v1.PrivacyRule.$Properties;
        }

        /**
         * Properties of a GoldenSet.
         * @deprecated Use sedge.v1.GoldenSet.$Properties instead.
         */
        interface IGoldenSet extends sedge.v1.GoldenSet.$Properties {
        }

        /** Represents a GoldenSet. */
        class GoldenSet {

            /**
             * Constructs a new GoldenSet.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.GoldenSet.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GoldenSet cases. */
            cases: sedge.v1.GoldenCase.$Properties[];

            /**
             * Creates a new GoldenSet instance using the specified properties.
             * @param [properties] Properties to set
             * @returns GoldenSet instance
             */
            static create(properties: sedge.v1.GoldenSet.$Shape): sedge.v1.GoldenSet & sedge.v1.GoldenSet.$Shape;
            static create(properties?: sedge.v1.GoldenSet.$Properties): sedge.v1.GoldenSet;

            /**
             * Encodes the specified GoldenSet message. Does not implicitly {@link sedge.v1.GoldenSet.verify|verify} messages.
             * @param message GoldenSet message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.GoldenSet.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GoldenSet message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.GoldenSet & sedge.v1.GoldenSet.$Shape} GoldenSet
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.GoldenSet & sedge.v1.GoldenSet.$Shape;
        }

        namespace GoldenSet {

            /** Properties of a GoldenSet. */
            interface $Properties {

                /** GoldenSet cases */
                cases?: (sedge.v1.GoldenCase.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GoldenSet. */
            type $Shape = sedge.v1.GoldenSet.$Properties;
        }

        /**
         * Properties of a GoldenCase.
         * @deprecated Use sedge.v1.GoldenCase.$Properties instead.
         */
        interface IGoldenCase extends sedge.v1.GoldenCase.$Properties {
        }

        /** Represents a GoldenCase. */
        class GoldenCase {

            /**
             * Constructs a new GoldenCase.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.GoldenCase.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GoldenCase inputs. */
            inputs: sedge.v1.Tensor.$Properties[];

            /** GoldenCase outputs. */
            outputs: sedge.v1.Tensor.$Properties[];

            /**
             * Creates a new GoldenCase instance using the specified properties.
             * @param [properties] Properties to set
             * @returns GoldenCase instance
             */
            static create(properties: sedge.v1.GoldenCase.$Shape): sedge.v1.GoldenCase & sedge.v1.GoldenCase.$Shape;
            static create(properties?: sedge.v1.GoldenCase.$Properties): sedge.v1.GoldenCase;

            /**
             * Encodes the specified GoldenCase message. Does not implicitly {@link sedge.v1.GoldenCase.verify|verify} messages.
             * @param message GoldenCase message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.GoldenCase.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GoldenCase message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.GoldenCase & sedge.v1.GoldenCase.$Shape} GoldenCase
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.GoldenCase & sedge.v1.GoldenCase.$Shape;
        }

        namespace GoldenCase {

            /** Properties of a GoldenCase. */
            interface $Properties {

                /** GoldenCase inputs */
                inputs?: (sedge.v1.Tensor.$Properties[]|null);

                /** GoldenCase outputs */
                outputs?: (sedge.v1.Tensor.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GoldenCase. */
            type $Shape = sedge.v1.GoldenCase.$Properties;
        }

        /**
         * Properties of a Tensor.
         * @deprecated Use sedge.v1.Tensor.$Properties instead.
         */
        interface ITensor extends sedge.v1.Tensor.$Properties {
        }

        /** Represents a Tensor. */
        class Tensor {

            /**
             * Constructs a new Tensor.
             * @param [properties] Properties to set
             */
            constructor(properties?: sedge.v1.Tensor.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Tensor dims. */
            dims: number[];

            /** Tensor data_type. */
            data_type: number;

            /** Tensor name. */
            name: string;

            /** Tensor raw_data. */
            raw_data: Uint8Array;

            /**
             * Creates a new Tensor instance using the specified properties.
             * @param [properties] Properties to set
             * @returns Tensor instance
             */
            static create(properties: sedge.v1.Tensor.$Shape): sedge.v1.Tensor & sedge.v1.Tensor.$Shape;
            static create(properties?: sedge.v1.Tensor.$Properties): sedge.v1.Tensor;

            /**
             * Encodes the specified Tensor message. Does not implicitly {@link sedge.v1.Tensor.verify|verify} messages.
             * @param message Tensor message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: sedge.v1.Tensor.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Tensor message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {sedge.v1.Tensor & sedge.v1.Tensor.$Shape} Tensor
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sedge.v1.Tensor & sedge.v1.Tensor.$Shape;
        }

        namespace Tensor {

            /** Properties of a Tensor. */
            interface $Properties {

                /** Tensor dims */
                dims?: (number[]|null);

                /** Tensor data_type */
                data_type?: (number|null);

                /** Tensor name */
                name?: (string|null);

                /** Tensor raw_data */
                raw_data?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Tensor. */
            type $Shape = sedge.v1.Tensor.$Properties;
        }
    }
}
