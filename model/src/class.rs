//! What kinds of devices there are in a hospital.

use crate::attribute::closed_list;

closed_list! {
    /// Kind of a device. `catalogue/device-classes.toml` says what reveals each.
    DeviceClass {
        /// Computed tomography.
        CtScanner = "ct-scanner",
        /// Magnetic resonance imaging.
        MrScanner = "mr-scanner",
        /// Positron emission tomography, with or without CT or MR.
        PetScanner = "pet-scanner",
        /// Nuclear medicine: planar and SPECT, with or without CT.
        GammaCamera = "gamma-camera",
        /// Ultrasound, also intravascular.
        Ultrasound = "ultrasound",
        /// Projection radiography: digital detectors, and readers of imaging plates.
        XRay = "x-ray",
        /// Mammography and breast tomosynthesis.
        Mammography = "mammography",
        /// Angiography: the X-ray system of a catheter laboratory.
        Angiography = "angiography",
        /// X-ray fluoroscopy, and mobile C-arms.
        Fluoroscopy = "fluoroscopy",
        /// Bone densitometry.
        BoneDensitometer = "bone-densitometer",
        /// Endoscopy.
        Endoscopy = "endoscopy",
        /// Ophthalmology: fundus cameras, optical coherence tomography, refractive and visual field devices.
        OphthalmicImaging = "ophthalmic-imaging",
        /// Dental: intra-oral and panoramic X-ray.
        DentalImaging = "dental-imaging",
        /// Pathology: whole slide scanners and microscopes.
        PathologyScanner = "pathology-scanner",
        /// Radiotherapy: treatment machines, planning, record and verify.
        Radiotherapy = "radiotherapy",
        /// Electrocardiographs, and recorders of cardiac electrophysiology.
        Ecg = "ecg",
        /// Keeps images for others: PACS, vendor neutral archive.
        Archive = "archive",
        /// Shows or processes images of others.
        Viewer = "viewer",
        /// Tells modalities what to do: modality worklist, performed procedure steps.
        WorklistServer = "worklist-server",
        /// Passes messages between applications.
        InterfaceEngine = "interface-engine",
        /// Patient monitor.
        BedsideMonitor = "bedside-monitor",
        /// Shows the patient monitors of a ward.
        CentralStation = "central-station",
        /// Speaks for devices that have no voice of their own, or another one.
        Gateway = "gateway",
        /// Infusion and syringe pumps.
        InfusionPump = "infusion-pump",
        /// Ventilators.
        Ventilator = "ventilator",
        /// Anaesthesia machines.
        Anaesthesia = "anaesthesia",
        /// Laboratory analysers and their automation.
        Analyser = "analyser",
        /// Tests and measurements beside the patient: glucose meters, blood gas, vital signs.
        PointOfCare = "point-of-care",
        /// A person's computer.
        Workstation = "workstation",
        /// A computer that serves others.
        Server = "server",
        /// Routers, switches, access points.
        NetworkGear = "network-gear",
        /// Printers, also for film.
        Printer = "printer",
        /// Network cameras.
        Camera = "camera",
        /// Telephones.
        Phone = "phone",
        /// Heating, doors, lifts, power.
        BuildingControl = "building-control",
        /// Nothing that was seen tells.
        Unknown = "unknown",
    }
}

impl DeviceClass {
    /// Whether it takes part in diagnosis or treatment, also as the system that keeps, shows or passes on what devices tell; what any
    /// office has does not.
    #[must_use]
    pub const fn is_medical(self) -> bool {
        !matches!(
            self,
            Self::Workstation
                | Self::Server
                | Self::NetworkGear
                | Self::Printer
                | Self::Camera
                | Self::Phone
                | Self::BuildingControl
                | Self::Unknown
        )
    }
}
